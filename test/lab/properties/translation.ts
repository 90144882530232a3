/**
 * Elastic addresses, metadata and who answers for an address on the wires.
 */
import { actors, outside } from '../story.ts';
import { opens, type Property, seenAs } from './property.ts';

const { a1, a2, b1, b2 } = actors;
const [elastic, far] = ['203.0.113.50', '203.0.113.51'];
const metadata = '169.254.169.254';

export const translationProperties: readonly Property[] = [
  {
    name: 'translation: an elastic address leads in',
    cause: { guard: 'elasticIn' },
    holds: true,
    probe: opens('client', elastic, 22),
  },
  {
    name: 'translation: an elastic address leads in on the other node',
    cause: { guard: 'elasticIn' },
    holds: true,
    probe: opens('client', far, 22),
  },
  {
    name: 'translation: out as the elastic address',
    cause: { guard: 'elasticOut' },
    holds: true,
    probe: seenAs('a1', outside.client, 80, elastic),
  },
  {
    name: 'translation: others leave as the node',
    cause: { options: { masquerade: false } },
    holds: true,
    probe: seenAs('a2', outside.client, 80, '203.0.113.11'),
  },
  {
    name: 'translation: private to private stays as it is between nodes',
    cause: { guard: 'privateUntranslated' },
    holds: true,
    probe: seenAs('a1', b2.ip, 5432, a1.ip),
  },
  {
    name: 'translation: private to private stays as it is on one node',
    cause: { guard: 'privateUntranslated' },
    holds: true,
    probe: seenAs('a1', b1.ip, 5432, a1.ip),
  },
  {
    name: 'translation: a neighbour on the same node through the elastic address',
    cause: { guard: 'elasticIn' },
    holds: true,
    probe: opens('a2', elastic, 22),
  },
  {
    name: 'translation: itself through its own elastic address',
    cause: { guard: 'elasticOut' },
    holds: true,
    probe: seenAs('a1', elastic, 22, elastic),
  },
  {
    name: 'translation: an elastic address of the other node, from an elastic address',
    cause: { guard: 'elasticOut' },
    holds: true,
    probe: seenAs('a1', far, 22, elastic),
  },
  {
    name: 'translation: the node itself reaches an elastic address',
    cause: { guard: 'elasticIn' },
    holds: true,
    probe: opens('n1', elastic, 22),
  },
  {
    name: 'metadata: reaches the cloud controller',
    cause: { guard: 'metadata' },
    holds: true,
    probe: opens('a2', metadata, 80),
  },
  {
    name: 'metadata: keeps the private source of an instance with an elastic address',
    cause: { guard: 'metadataSource' },
    holds: true,
    probe: seenAs('a1', metadata, 80, a1.ip),
  },
  {
    name: 'wires: private addresses are answered on the fabric',
    cause: { guard: 'neighbourProxy' },
    holds: true,
    probe: opens('clc', a2.ip, 22),
  },
  {
    name: 'wires: elastic addresses are answered on the public side',
    cause: { guard: 'neighbourProxy' },
    holds: true,
    probe: opens('client', elastic, 22),
  },
];
