/**
 * The house printed by itself: roles and their parts in start order, the engines to choose from, streams, what each event is
 * about, and the points of an instance's life. Everything is taken from what runs; the roles are really put together here, on
 * a log in memory, and never started.
 */
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import { createMemoryStore } from '../adapters/eventstore/memory.ts';
import { isSettingFault, readSettings, type Settings } from '../adapters/settings/settings.ts';
import { type SettingName, settingsTable } from '../adapters/settings/table.ts';
import { categories } from '../domain/aggregates.ts';
import { schemas } from '../domain/codec.ts';
import type { EventType } from '../domain/events.ts';
import { describeLifecycle } from '../domain/wishes/lifecycle.ts';
import { sectionOf } from '../projections/network/meaning.ts';
import { createJournal } from './journal.ts';
import { makeRoles } from './processRoles.ts';
import type { Role } from './role.ts';
import { readWireKeys } from './wireKeys.ts';
import { workerRole } from './workerRole.ts';

const defaults = (flags: Readonly<Record<string, string>>): Settings => {
  const settings = readSettings(flags, {});
  if (isSettingFault(settings)) throw new Error(settings.problem);
  return settings;
};

const silent = createJournal(
  'wiring',
  () => 0,
  () => true,
);
const noTime = (): number => 0;

/** A worker answers nudges that come through Redis; which lanes it is given changes none of its parts. */
const worker = async (): Promise<Role> => {
  const settings = defaults({ role: 'worker', store: 'memory:' });
  const keys = readWireKeys(settings, new Set(['worker']), noTime);
  const common = { settings, keys, journal: silent, now: noTime, storeUrl: 'memory:' };
  return workerRole({
    ...common,
    store: createMemoryStore(),
    lanes: { lanes: createInProcessLanes(), shared: undefined },
    onLost: () => undefined,
  });
};

const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');

const columns = (rows: readonly (readonly [string, string])[]): readonly string[] => {
  const width = Math.max(...rows.map(([first]) => first.length)) + 2;
  return rows.map(([first, second]) => `${first.padEnd(width)}${second}`);
};

const describeRole = ({ name, parts }: Role): string =>
  section(`role ${name}`, columns(parts.map((part) => [part.name, part.about])));

const engines: readonly SettingName[] = ['store', 'lanes'];

const describeEngines = (): string =>
  section(
    'engines',
    columns(settingsTable.filter(({ name }) => engines.includes(name)).map(({ name, about }) => [`--${name}`, about])),
  );

const describeEvents = (): string => {
  const types = Object.keys(schemas) as readonly EventType[];
  const bySection = Map.groupBy(types, sectionOf);
  const sections = [...bySection].sort(([a], [b]) => Number(a === 'nothing') - Number(b === 'nothing'));
  const lines = sections.flatMap(([name, of]) => [name, ...of.map((type) => `  ${type}`)]);
  return section('what events are about, in the one projection', lines);
};

/** The text of `edgelog wiring`. */
export const describeWiring = async (): Promise<string> => {
  const all = await makeRoles(defaults({ store: 'memory:' }), silent, noTime, () => undefined);
  const roles = [...all, await worker()];
  return `${[
    'Roles start their parts in this order and stop them in reverse.',
    section('role all, the embedded default', [all.map(({ name }) => name).join(', ')]),
    ...roles.map(describeRole),
    describeEngines(),
    section(
      'streams',
      categories.map((category) => `${category}-...`),
    ),
    describeEvents(),
    section("points of an instance's life and what networking does there", describeLifecycle().split('\n')),
  ].join('\n\n')}\n`;
};
