/**
 * What a case of the event store contract is given, and the questions all of them ask.
 */
import assert from 'node:assert/strict';
import type { ImportTarget } from '../../../src/adapters/eventstore/importTarget.ts';
import type { AppendOutcome, StoreFaultKind } from '../../../src/domain/eventStore.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';

export type OpenedLog = {
  readonly store: ImportTarget;
  /** Stream names of this log start with this category and a dash. */
  readonly category: string;
  /** A second store on the same log, closed by `dispose`. */
  readonly again: () => Promise<ImportTarget>;
  readonly dispose: () => Promise<void>;
};

export type Adapter = {
  readonly name: string;
  /** Why the suite cannot run here. */
  readonly skip?: string;
  /** The parts of the contract to run; all without it. */
  readonly only?: readonly string[];
  /** The log outlives its store, so another may open it. */
  readonly durable: boolean;
  readonly open: () => Promise<OpenedLog>;
};

export type Case = (log: OpenedLog, stream: (id: string) => string) => Promise<void>;
export type Cases = { readonly [title: string]: Case };

export const isFault =
  (kind: StoreFaultKind) =>
  (thrown: unknown): boolean =>
    thrown instanceof StoreFault && thrown.kind === kind;

export const appended = (outcome: AppendOutcome): Extract<AppendOutcome, { outcome: 'appended' }> => {
  if (outcome.outcome !== 'appended') assert.fail(`expected an append, got ${JSON.stringify(outcome)}`);
  return outcome;
};

/** Without what only some stores can tell. */
export const figures = (outcome: AppendOutcome): AppendOutcome => {
  if (outcome.outcome === 'conflict') return outcome;
  const { position, revisions } = outcome;
  return { outcome: 'appended', position, revisions };
};
