/**
 * The time machine against packets: what the wires did at several moments of the chain, and what `why` says of each of those
 * moments, at once and looking back from the end.
 */
import assert from 'node:assert/strict';
import type { Chain } from '../chain.ts';
import type { Lab } from '../lab.ts';
import { actors } from '../story.ts';
import { canOpen } from './story.ts';

const people = ['a1', 'a2', 'b2'] as const;
const ports = [22, 5432, 9999] as const;

export type Addresses = Readonly<Record<(typeof people)[number], string>>;

/** `opened`: by `from to port`. */
export type Moment = { readonly at: number; readonly opened: ReadonlyMap<string, boolean> };

const flows = people.flatMap((from) =>
  people.filter((to) => to !== from).flatMap((to) => ports.map((port) => ({ from, to, port }))),
);

const nameOf = ({ from, to, port }: (typeof flows)[number]): string => `${from} ${to} ${port}`;

/** Tries every flow with packets. `at` is the position that all nodes had applied by then. */
export const momentOf = async (lab: Lab, addresses: Addresses, at: number): Promise<Moment> => {
  const opened = await Promise.all(
    flows.map(async (flow) => {
      const isOpen = await canOpen(lab, flow.from, addresses[flow.to], flow.port, 0.5);
      return [nameOf(flow), isOpen] as const;
    }),
  );
  return { at, opened: new Map(opened) };
};

type Why = { readonly verdict: string; readonly reached: { readonly applied: boolean | null } | null };

/** `why` says of a moment what the packets did; of the present also that the deciding node has it. */
export const whyAgrees = async ({ command }: Chain, { at, opened }: Moment, isPresent: boolean): Promise<void> => {
  const said = await Promise.all(
    flows.map(async (flow) => {
      const query = new URLSearchParams({
        ...{ source: actors[flow.from].id, destination: actors[flow.to].id, traffic: `tcp/${flow.port}` },
        ...(isPresent ? {} : { at: String(at) }),
      });
      const { verdict, reached } = (await command('GET', `/v1/why?${query}`)) as Why;
      if (isPresent) assert.equal(reached?.applied, true, `${nameOf(flow)}: the node has applied it`);
      return [nameOf(flow), verdict === 'allowed'] as const;
    }),
  );
  assert.deepEqual(new Map(said), opened, `position ${at}`);
};
