/** How a recorded event looks in answers and in the event stream. Every member is always there; what is unknown or absent is `null`. */
import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { isoTime } from '../reads.ts';
import { anyObject, instant, name, orNull, position, record, text, whole } from '../schema.ts';

export const eventSchema = record('Event', {
  position: position('Place in the log'),
  id: text('Event id'),
  type: name('Event type'),
  stream: name('Stream', 400),
  revision: whole('Place in the stream', 0),
  time: instant('When'),
  actor: text('Who'),
  correlationId: text('Request or process it belongs to'),
  causationId: text('What caused it'),
  commandId: text('Command that made it'),
  traceparent: orNull(text('W3C trace context')),
  data: anyObject('What happened'),
});

export const eventBody = (recorded: Recorded<DomainEvent>): object => {
  const { type, ...data } = recorded.event;
  return {
    position: recorded.position,
    id: recorded.id,
    type,
    stream: recorded.stream,
    revision: recorded.revision,
    time: isoTime(recorded.time),
    actor: recorded.actor,
    correlationId: recorded.correlationId,
    causationId: recorded.causationId,
    commandId: recorded.commandId,
    traceparent: recorded.traceparent ?? null,
    data,
  };
};
