/**
 * Every expected "no" of the house, in one list. A refusal is a value: deciders return it, nothing throws it.
 * `code` is stable for ever (it becomes the problem's type); the catalogue says what it means and what to do next.
 * No transport words here: how a class of refusal is shown is the business of the doors.
 */

export type RefusalClass = 'invalid' | 'not-found' | 'conflict' | 'exhausted' | 'forbidden' | 'stale';

export type Refusal = {
  readonly refused: string;
  readonly detail: string;
  /** Path of the member that is wrong, e.g. `Clusters[0].Subnet.Netmask`. */
  readonly member?: string;
  /** The offending value as text. */
  readonly value?: string;
};

export const refuse = (refused: string, detail: string, where: { member?: string; value?: string } = {}): Refusal => ({
  refused,
  detail,
  ...where,
});

export const isRefusal = (x: unknown): x is Refusal => typeof x === 'object' && x !== null && 'refused' in x;
