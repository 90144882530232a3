/**
 * Refused commands, with who wished them and why not, and the end of wishes that are several decisions: a stream of its own
 * (`audit-<cloud>`), so that a refused wish never touches the stream it was about. Nothing here ever changes the network.
 */
import type { Command } from './commands.ts';
import type { Aggregate } from './decider.ts';
import type { Refusal } from './refusals.ts';

/** NB these types and names are the storage format: version them with care. */
export type CommandAuditEvent =
  /** A wish was refused; it changed nothing else. */
  | {
      readonly type: 'CommandRefused';
      readonly command: string;
      /** What the command was about, e.g. an instance id; empty when it names nothing. */
      readonly subject: string;
      readonly refused: string;
      readonly detail: string;
    }
  /** A cluster's report was followed to its end; reported again under the same id it is only answered. */
  | {
      readonly type: 'ReportFollowed';
      readonly cluster: string;
      /** How many instances it named. */
      readonly instances: number;
      /** How many events it made before this one. */
      readonly changes: number;
      /** How many of its instances could not be followed. */
      readonly refused: number;
    };

export type CommandAuditState = { refused: number };

export const commandAuditAggregate: Aggregate<CommandAuditState, CommandAuditEvent> = {
  category: 'audit',
  initial: () => ({ refused: 0 }),
  apply: (state, event) => {
    if (event.type === 'CommandRefused') state.refused += 1;
  },
};

/** Only a report is several decisions (`wishes/parts.ts`). */
export const noteReport = (report: Command, changes: number, refused: number): readonly CommandAuditEvent[] =>
  report.type === 'ReportInstances'
    ? [{ type: 'ReportFollowed', cluster: report.cluster, instances: report.instances.length, changes, refused }]
    : [];

const MAX_DETAIL = 500;

export const noteRefusal = (command: string, subject: string, refusal: Refusal): readonly CommandAuditEvent[] => [
  { type: 'CommandRefused', command, subject, refused: refusal.refused, detail: refusal.detail.slice(0, MAX_DETAIL) },
];
