/** What an agent's kernel counted, as Prometheus reads it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import {
  type AgentSource,
  agentFiguresText,
  createAgentFigures,
} from '../../../src/adapters/telemetry/agentFigures.ts';

const count = (packets: number) => ({ packets, bytes: packets * 100 });

const source = (node: string, instances: Record<string, number>, drops: Record<string, number>): AgentSource => ({
  node,
  traffic: async () =>
    Object.entries(instances).map(([instanceId, packets]) => ({
      instanceId,
      in_private: count(packets),
      in_public: count(packets + 1),
      out_private: count(packets + 2),
      out_public: count(packets + 3),
    })),
  drops: async () => Object.fromEntries(Object.entries(drops).map(([name, packets]) => [name, count(packets)])),
  applied: () => (node === 'n1' ? 42 : undefined),
});

test('figures are what the kernel said last, not a sum of what it said', async () => {
  const instances: Record<string, number> = { 'i-1': 10 };
  const text = agentFiguresText(source('n1', instances, { spoof_mac: 5, denied: 7 }));
  await text();
  instances['i-1'] = 20;
  const said = await text();
  assert.match(said, /edgelog_instance_bytes_total\{node="n1",instance="i-1",direction="in",wire="private"\} 2000\n/);
  assert.match(said, /edgelog_instance_packets_total\{node="n1",instance="i-1",direction="out",wire="public"\} 23\n/);
  assert.match(said, /edgelog_stopped_packets_total\{node="n1",guard="spoof_mac"\} 5\n/);
  assert.match(said, /edgelog_stopped_packets_total\{node="n1",guard="denied"\} 7\n/);
  assert.match(said, /edgelog_agent_applied_version\{node="n1"\} 42\n/);
  assert.match(said, /# TYPE edgelog_instance_bytes_total counter/);
});

test('an instance that went is no longer shown', async () => {
  const instances: Record<string, number> = { 'i-1': 10, 'i-2': 1 };
  const text = agentFiguresText(source('n1', instances, {}));
  assert.match(await text(), /instance="i-2"/);
  delete instances['i-2'];
  const said = await text();
  assert.match(said, /instance="i-1"/);
  assert.doesNotMatch(said, /instance="i-2"/);
});

test('agents of one process share a registry; without agents there are no such figures', async () => {
  const registry = new Registry();
  await createAgentFigures(registry, [source('n1', { 'i-1': 1 }, {}), source('n2', { 'i-2': 1 }, {})]).take();
  const said = await registry.metrics();
  assert.match(said, /node="n2",instance="i-2"/);
  assert.doesNotMatch(said, /applied_version\{node="n2"/);
  const empty = new Registry();
  await createAgentFigures(empty, []).take();
  assert.equal((await empty.metrics()).trim(), '');
});
