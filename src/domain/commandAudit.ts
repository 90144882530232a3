/**
 * Refused commands, with who wished them and why not: a stream of its own (`audit-<cloud>`), so that a refused wish never
 * touches the stream it was about. Nothing here ever changes the network.
 */
import type { Aggregate } from './decider.ts';
import type { Refusal } from './refusals.ts';

/** A wish was refused; it changed nothing else. NB this type and name are the storage format: version them with care. */
export type CommandAuditEvent = {
  readonly type: 'CommandRefused';
  readonly command: string;
  /** What the command was about, e.g. an instance id; empty when it names nothing. */
  readonly subject: string;
  readonly refused: string;
  readonly detail: string;
};

export type CommandAuditState = { refused: number };

export const commandAuditAggregate: Aggregate<CommandAuditState, CommandAuditEvent> = {
  category: 'audit',
  initial: () => ({ refused: 0 }),
  apply: (state) => {
    state.refused += 1;
  },
};

const MAX_DETAIL = 500;

export const noteRefusal = (command: string, subject: string, refusal: Refusal): readonly CommandAuditEvent[] => [
  { type: 'CommandRefused', command, subject, refused: refusal.refused, detail: refusal.detail.slice(0, MAX_DETAIL) },
];
