/**
 * Holds the log against its signed checkpoints once it is in sync, in the background, and remembers what came of it: a mismatch
 * is said in the journal and stays in the health checks with its positions, and nothing more is signed over it.
 */
import type { LogCheck } from '../adapters/audit/auditTrail.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';
import type { Journal } from './journal.ts';

export type ProofHealth = { readonly ok: boolean; readonly detail: string };

export type ProofWatch = {
  /** Begins to look; whoever starts need not wait for the end. */
  readonly start: () => void;
  /** What a look found, whoever wished it. */
  readonly found: (check: LogCheck) => void;
  readonly health: () => ProofHealth;
  /** True once the log was found to be what was signed for. */
  readonly maySign: () => boolean;
  /** Why nothing may be signed, after a mismatch was found. */
  readonly refusal: () => Refusal | undefined;
  readonly stop: () => void;
};

/** One sentence: where it parts, and what follows. */
const mismatchText = ({ broken }: LogCheck): string => {
  const [first] = broken;
  if (first === undefined) return '';
  const more = broken.length > 1 ? ` (and ${broken.length - 1} more)` : '';
  const where = first.to < 0 ? '' : `positions ${first.after + 1} to ${first.to}: `;
  return `${where}${first.why}${more}`;
};

export const createProofWatch = (check: () => Promise<LogCheck>, journal: Journal): ProofWatch => {
  let health: ProofHealth = { ok: true, detail: 'the log has not been held against its checkpoints yet' };
  let isProven = false;
  let isStopped = false;

  const found = (result: LogCheck): void => {
    isProven = result.broken.length === 0;
    if (isProven) {
      health = { ok: true, detail: `${result.events} events agree with ${result.checkpoints} checkpoints` };
      return;
    }
    health = { ok: false, detail: mismatchText(result) };
    journal.fault('the log is not what was signed for', new Error(health.detail));
  };

  return {
    start: () => {
      check().then(found, (fault) => {
        if (!isStopped) journal.fault('the log could not be held against its checkpoints', fault);
      });
    },
    found,
    health: () => health,
    maySign: () => isProven,
    refusal: () =>
      health.ok ? undefined : refuse('log-not-proven', `The log is not what was signed for: ${health.detail}.`),
    stop: () => {
      isStopped = true;
    },
  };
};
