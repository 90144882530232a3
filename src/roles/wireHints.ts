/**
 * Where controllers of ours take deltas, as they said in passing: a port beside the one they are addressed by. Only a hint; it
 * comes unsigned, and a wrong one costs an attempt. Kept in a file so that a restart need not learn it again.
 */
import { readFileSync } from 'node:fs';
import { replaceFile } from '../adapters/shared/atomicFile.ts';
import { createWriteBehind } from '../adapters/shared/writeBehind.ts';

export type WireHints = {
  readonly portOf: (receiver: string) => number | undefined;
  /** `header` is what it said of itself (`cc; wire=8784`), if anything. */
  readonly note: (receiver: string, header: string | readonly string[] | undefined) => void;
  readonly forget: (receiver: string) => void;
  readonly close: () => Promise<void>;
};

const MOST = 20_000;

export const controllerHeader = (role: 'cc' | 'nc', wirePort: number): string => `${role}; wire=${wirePort}`;

const portIn = (header: unknown): number | undefined => {
  const port =
    typeof header === 'string' ? Number(/;\s*wire=(\d{1,5})(?:;|$)/.exec(header)?.[1] ?? 'none') : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : undefined;
};

const recalled = (file: string): readonly (readonly [string, number])[] => {
  try {
    const saved: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof saved !== 'object' || saved === null) return [];
    return Object.entries(saved).flatMap(([receiver, port]) =>
      Number.isInteger(port) && port >= 1 && port <= 65_535 ? [[receiver, port as number] as const] : [],
    );
  } catch {
    return [];
  }
};

export const createWireHints = (file: string): WireHints => {
  const ports = new Map(recalled(file));
  const saving = createWriteBehind<Map<string, number>>(
    (all) => replaceFile(file, [Buffer.from(JSON.stringify(Object.fromEntries(all)))]),
    () => undefined,
    1_000,
  );
  return {
    portOf: (receiver) => ports.get(receiver),
    note: (receiver, header) => {
      const port = portIn(header);
      if (port === undefined || ports.get(receiver) === port || ports.size >= MOST) return;
      ports.set(receiver, port);
      saving.put(ports);
    },
    forget: (receiver) => {
      if (ports.delete(receiver)) saving.put(ports);
    },
    close: saving.flush,
  };
};
