/** What is handed out beside the program speaks of figures, commands and settings that the program has. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { nounsOf } from '../../src/adapters/cli/nouns.ts';
import { environmentName, settingsTable } from '../../src/adapters/settings/table.ts';
import { createAgentFigures } from '../../src/adapters/telemetry/agentFigures.ts';
import { withFigures } from '../../src/adapters/telemetry/commandFigures.ts';
import { createHopTimes } from '../../src/adapters/telemetry/hopTimes.ts';
import { addProcessFigures, createMetrics } from '../../src/adapters/telemetry/metrics.ts';
import { createRecentEvents } from '../../src/adapters/telemetry/recentEvents.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';

const contrib = join(import.meta.dirname, '../../contrib');
const fileIn = (...parts: readonly string[]): string => readFileSync(join(contrib, ...parts), 'utf8');

type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> };
const rules = (): readonly Rule[] => parse(fileIn('prometheus', 'edgelog.rules.yml')).groups[0].rules;

type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] };
const panels = (): readonly Panel[] => JSON.parse(fileIn('grafana', 'edgelog.json')).panels;

/** Names of all figures, with what a histogram is asked for. */
const figures = async (): Promise<ReadonlySet<string>> => {
  const { registry } = createMetrics({
    ...{ network: initialNetwork, convergence: () => new Map(), now: () => 0 },
    health: () => ({ position: -1, events: 0, state: 'in-sync' }),
  });
  createHopTimes({ registry, recent: createRecentEvents(), now: () => 0 });
  const never = () => Promise.reject(new Error('nobody asks'));
  withFigures({ execute: never, rehearse: never }, registry, () => 0);
  const agent = { node: 'a', traffic: async () => [], drops: async () => ({}), applied: () => undefined };
  createAgentFigures(registry, [agent]);
  const processes = new Registry();
  addProcessFigures(processes);
  const all = [...registry.getMetricsAsArray(), ...processes.getMetricsAsArray()];
  return new Set(all.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]));
};

const namesIn = (expr: string): readonly string[] => expr.match(/\b(edgelog|process|nodejs)_[a-z0-9_]+/g) ?? [];

test('alerts and dashboard ask for figures that exist', async () => {
  const known = await figures();
  const asked = [...rules(), ...panels().flatMap(({ targets }) => targets)].map(({ expr }) => expr);
  assert.ok(asked.length > 20);
  for (const expr of asked) {
    assert.ok(namesIn(expr).length > 0, `no figure in ${expr}`);
    for (const name of namesIn(expr)) assert.ok(known.has(name), `${name} in ${expr}`);
  }
});

test('alerts name commands that exist', () => {
  const verbs = new Set(
    nounsOf([]).flatMap(({ name, commands }) => commands.map(({ verb }) => `${name} ${verb ?? ''}`)),
  );
  const named = rules().flatMap(({ annotations }) =>
    Object.values(annotations).flatMap((text) => [...text.matchAll(/`edgelog ([a-z]+) ?([a-z]*)/g)]),
  );
  assert.ok(named.length > 4);
  for (const [, noun, verb] of named) assert.ok(verbs.has(`${noun} ${verb}`), `edgelog ${noun} ${verb}`);
});

test('units start a role that exists, with settings that exist', () => {
  const flags = new Set<string>(settingsTable.map(({ name }) => `--${name}`));
  const variables = new Set<string>(settingsTable.map(({ name }) => environmentName(name)));
  for (const unit of readdirSync(join(contrib, 'systemd')).filter((name) => name.endsWith('.service'))) {
    const text = fileIn('systemd', unit);
    for (const [, line = ''] of text.matchAll(/^ExecStart=\S*edgelog (.*)$/gm)) {
      for (const flag of line.match(/--[a-z-]+/g) ?? []) assert.ok(flags.has(flag), `${unit}: ${flag}`);
    }
    for (const [, name = ''] of text.matchAll(/^Environment=(\w+)=/gm))
      assert.ok(variables.has(name), `${unit}: ${name}`);
  }
});
