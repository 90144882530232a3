/** How figures, times and states are written, everywhere in the console the same. Times are UTC, as in the log. */
import type { DomainEvent } from '../../../domain/events.ts';
import { subjectsOf } from '../../../domain/subjects.ts';
import { sentenceOf } from '../../../projections/timeMachine/sentences.ts';
import type { LogEvent } from './answers.ts';

/** What nobody told. Never a figure, never good news. */
export const UNKNOWN = 'unknown';

export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? UNKNOWN : String(value);

/** Thousands apart by a thin blank. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '\u2009');

/** `1 instance`, `2 instances`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

export const age = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${minutes.toFixed(0)} min` : `${(minutes / 60).toFixed(1)} h`;
};

/** `10:15:42.223` of an ISO time. */
export const clockTime = (iso: string): string => iso.slice(11, 23);
export const day = (iso: string): string => iso.slice(0, 10);
/** `2026-11-22 10:15:42 UTC`. */
export const wholeTime = (iso: string): string => `${day(iso)} ${iso.slice(11, 19)} UTC`;

/** `SHUTTING_DOWN` -> `shutting down`. */
export const stateWords = (state: string): string => state.toLowerCase().replaceAll('_', ' ');

/** An event as the domain knows it; what the API says of it is its payload and its type. */
const domainEventOf = ({ type, data }: LogEvent): DomainEvent => ({ ...data, type }) as DomainEvent;

/** The event in one sentence; of a type this page does not know, its name. */
export const sentence = (event: LogEvent): string => {
  const known: string | undefined = sentenceOf(domainEventOf(event));
  return known ?? event.type;
};

export const subjects = (event: LogEvent): readonly string[] => {
  const known: readonly string[] | undefined = subjectsOf(domainEventOf(event));
  return known ?? [];
};

/** Kinds of events that are told apart by colour: the stream's category, roughly. */
export const kinds = ['configuration', 'cluster', 'group', 'instance', 'address', 'delivery', 'refusal'] as const;
export type Kind = (typeof kinds)[number];

export const kindOf = (type: string): Kind => {
  if (type === 'DocumentDelivered') return 'delivery';
  if (type === 'CommandRefused') return 'refusal';
  if (type.startsWith('Cluster')) return 'cluster';
  if (type.startsWith('SecurityGroup') || type.startsWith('Network')) return 'group';
  if (type.startsWith('Instance')) return 'instance';
  if (type.includes('Address') || type.startsWith('PublicPool')) return 'address';
  return 'configuration';
};
