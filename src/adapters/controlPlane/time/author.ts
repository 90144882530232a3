/** Who did something: what the time machine shows of an event. */
import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { sentenceOf } from '../../../projections/timeMachine/sentences.ts';

export type Author = {
  readonly position: number;
  readonly eventId: string;
  readonly type: string;
  readonly time: number;
  readonly actor: string;
  readonly correlationId: string;
  readonly commandId: string;
  readonly text: string;
  /** Why, where whoever wished it said so. */
  readonly reason: string | null;
};

export const authorOf = (recorded: Recorded<DomainEvent>): Author => ({
  position: recorded.position,
  eventId: recorded.id,
  type: recorded.event.type,
  time: recorded.time,
  actor: recorded.actor,
  correlationId: recorded.correlationId,
  commandId: recorded.commandId,
  text: sentenceOf(recorded.event),
  reason: recorded.reason ?? null,
});
