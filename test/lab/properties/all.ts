/** Every property the lab tries, in the order it tries them. */
import { groupProperties } from './groups.ts';
import { portProperties } from './ports.ts';
import type { Property } from './property.ts';
import { translationProperties } from './translation.ts';
import { wireProperties } from './wires.ts';

export const allProperties: readonly Property[] = [
  ...groupProperties,
  ...translationProperties,
  ...portProperties,
  ...wireProperties,
];
