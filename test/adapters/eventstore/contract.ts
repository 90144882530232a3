/**
 * The contract of the event store port: one suite, run on every adapter. It asks only what the port promises, so it holds on
 * a server that already has other events: each opening gives a log that shows no events but the test's own.
 */
import { describe, it } from 'node:test';
import { appendCases } from './contractAppend.ts';
import type { Adapter, Cases } from './contractCase.ts';
import { durableCases, importCases, lifeCases } from './contractLife.ts';
import { readCases, subscriptionCases } from './contractRead.ts';

const suitesOf = (adapter: Adapter): { readonly [name: string]: Cases } => ({
  append: appendCases,
  read: readCases,
  subscribe: subscriptionCases,
  life: adapter.durable ? { ...lifeCases, ...durableCases } : lifeCases,
  import: importCases,
});

/** Runs the whole contract on one adapter; each case gets a log of its own. */
export const testContract = (adapter: Adapter): void => {
  describe(`event store contract: ${adapter.name}`, { skip: adapter.skip ?? false }, () => {
    for (const [name, cases] of Object.entries(suitesOf(adapter))) {
      if (adapter.only?.includes(name) === false) continue;
      describe(name, () => {
        for (const [title, check] of Object.entries(cases)) {
          it(title, async () => {
            const log = await adapter.open();
            try {
              await check(log, (id) => `${log.category}-${id}`);
            } finally {
              await log.dispose();
            }
          });
        }
      });
    }
  });
};
