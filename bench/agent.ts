/**
 * The node agent in figures: first application, single changes, drift check, first lease, worst gap. Everything runs inside
 * private namespaces; where those are not allowed there is one row that says so.
 */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { enterRoom, labObstacle } from '../test/lab/privateRoom.ts';

export type Row = {
  readonly name: string;
  /** Instances in the cloud, or changes made. */
  readonly n: number;
  readonly ms: number;
  readonly ratio: number;
  /** What `ratio` is a ratio to. */
  readonly of: string;
  readonly target?: string;
  readonly met?: boolean;
};

const inside = fileURLToPath(new URL('./agentInside.ts', import.meta.url));

/** `onRow` hears each row as soon as it is known. */
export const run = async (
  options: { readonly quick?: boolean; readonly onRow?: (row: Row) => void } = {},
): Promise<Row[]> => {
  const obstacle = labObstacle();
  if (obstacle !== undefined)
    return [{ name: `not measured: ${obstacle}`, n: 0, ms: Number.NaN, ratio: Number.NaN, of: '' }];
  const child = enterRoom([process.execPath, inside, options.quick === true ? 'quick' : 'full']);
  if (child.stdout === null) throw new Error('the bench has no output');
  const rows: Row[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const row = JSON.parse(line) as Row;
    rows.push(row);
    options.onRow?.(row);
  }
  return rows;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run({ quick: process.argv[2] === 'quick', onRow: (row) => console.log(JSON.stringify(row)) });
}
