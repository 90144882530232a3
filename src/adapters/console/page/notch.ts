/** The line through a box that tells groups of the same colour apart. Geometry only. */
import type { Notch } from './findings.ts';

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Off the middle, where the dot of an elastic address is. */
const PLACE = 0.72;

/** Path of lines from edge to edge of the box. */
export const notchPath = (notch: Notch, { x, y, width, height }: Box): string => {
  const round = (length: number): number => Math.round(length * 10) / 10;
  const across = `M${round(x)} ${round(y + height * PLACE)}h${round(width)}`;
  const upright = `M${round(x + width * PLACE)} ${round(y)}v${round(height)}`;
  switch (notch) {
    case 'across':
      return across;
    case 'upright':
      return upright;
    case 'crossed':
      return across + upright;
  }
};
