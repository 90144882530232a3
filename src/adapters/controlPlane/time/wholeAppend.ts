/**
 * A plan's appends as one: every stream once, with all that came on top of it. Streams keep their own order, but no longer the
 * order among each other, so this is only a plan's append when the network that follows is the one that was planned.
 */
import { decodeRecorded } from '../../../domain/codec.ts';
import type { StoredEvent, StreamWrite } from '../../../domain/eventStore.ts';
import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { advance } from '../../../projections/network/runner.ts';
import type { Network } from '../../../projections/network/views.ts';
import { changesBetween } from '../../../projections/timeMachine/changes.ts';
import { plain } from '../../../projections/timeMachine/plain.ts';
import type { Overlay } from './overlay.ts';

export type WholeAppend = {
  /** What is written and what is only checked. */
  readonly writes: readonly StreamWrite[];
  readonly events: readonly Recorded<DomainEvent>[];
  readonly after: Network;
};

/** Members that hold positions: the same events at other places are no difference. */
const isPosition = (key: string): boolean => key === 'at' || key.endsWith('At') || /^i-[0-9a-f]{8}$/.test(key);

const withoutPositions = (value: unknown): string =>
  JSON.stringify(plain(value), (key, member: unknown) => (typeof member === 'number' && isPosition(key) ? 0 : member));

/** Also what no answer shows but later events are folded into. */
const innerOf = ({ presence, namedBy, quarantine, inFlight, assignedEarly }: Network): string =>
  withoutPositions({ presence, namedBy, quarantine, inFlight, assignedEarly });

const sayTheSame = (a: Network, b: Network): boolean =>
  innerOf(a) === innerOf(b) &&
  changesBetween(a, b).every(({ before, after }) => withoutPositions(before) === withoutPositions(after));

/** Undefined where the order between streams matters. */
export const wholeAppendOf = (overlay: Overlay, before: Network, after: Network): WholeAppend | undefined => {
  const byStream = Map.groupBy(overlay.events(), ({ stream }) => stream);
  const inOrder = [...byStream.values()].flat();
  const moved = inOrder.map((stored, i): StoredEvent => ({ ...stored, position: before.position + 1 + i }));
  const events = moved.map(decodeRecorded);
  const whole = advance(before, events);
  if (!sayTheSame(whole, after)) return undefined;
  const revisions = new Map(overlay.streams().map(({ stream, revision }) => [stream, revision]));
  const written = [...byStream].map(
    ([stream, made]): StreamWrite => ({
      stream,
      expected: revisions.get(stream) ?? -1,
      events: made.map(({ type, data, metadata }) => ({ type, data, metadata })),
    }),
  );
  const checked = [...revisions].filter(([stream]) => !byStream.has(stream));
  const checks = checked.map(([stream, expected]): StreamWrite => ({ stream, expected, events: [] }));
  return { writes: [...written, ...checks], events, after: whole };
};
