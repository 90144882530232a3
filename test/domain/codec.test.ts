/**
 * Old events still decode: every event type and schema version has a golden sample that is never edited and means today what
 * is expected of it. What does not decode is a fault that names its position, whatever is wrong with it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { categories } from '../../src/domain/aggregates.ts';
import { decode, decodeRecorded, encode, metadataOf, schemas } from '../../src/domain/codec.ts';
import { categoryOf } from '../../src/domain/decider.ts';
import { type Json, type StoredEvent, StoreFault } from '../../src/domain/eventStore.ts';
import type { EventType } from '../../src/domain/events.ts';
import { subjectsOf } from '../../src/domain/subjects.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { advanceInPlace } from '../../src/projections/network/runner.ts';
import { expectedEvents } from '../golden/expected/index.ts';
import { recordedDigests, type Sample, samples } from '../golden/samples.ts';

type AnySchema = {
  readonly version: number;
  readonly members: Readonly<Record<string, string>>;
  upcasts: readonly unknown[];
};
const schemaEntries = Object.entries(schemas) as unknown as readonly (readonly [EventType, AnySchema])[];

const sampleOf = (name: string): Sample => {
  const sample = samples.find((one) => one.name === name);
  assert.ok(sample, `expected the golden sample ${name}`);
  return sample;
};

/** The fault that reading the event throws; anything else fails the test. */
const faultOf = (stored: StoredEvent): StoreFault => {
  try {
    decode(stored);
  } catch (fault) {
    assert.ok(fault instanceof StoreFault, `expected a StoreFault, got ${fault}`);
    return fault;
  }
  return assert.fail(`expected ${JSON.stringify(stored)} not to decode`);
};

const assertCorrupt = (stored: StoredEvent, why: RegExp): void => {
  const fault = faultOf(stored);
  assert.deepEqual([fault.kind, fault.position], ['corrupt', stored.position]);
  assert.match(fault.message, new RegExp(`at position ${stored.position} does not decode`));
  assert.match(fault.message, why);
};

describe('golden samples', () => {
  test('every event type has one of every schema version, and an upcast from each to the next', () => {
    for (const [type, { version, upcasts }] of schemaEntries) {
      assert.equal(upcasts.length, version - 1, `upcasts of ${type}`);
      for (let one = 1; one <= version; one += 1) sampleOf(`${type}.v${one}`);
    }
    const known = new Map(schemaEntries.map(([type, { version }]) => [type as string, version]));
    for (const { name, type, version } of samples) {
      assert.ok(version >= 1 && version <= (known.get(type) ?? 0), `${name} is of no known type and version`);
    }
  });

  test('are what they were when they were taken', () => {
    const digests = new Map(samples.map(({ name, digest }) => [`${name}.json`, digest]));
    assert.deepEqual(digests, recordedDigests);
  });

  test('mean what is expected of them today', () => {
    assert.deepEqual(Object.keys(expectedEvents).sort(), samples.map(({ name }) => name).sort());
    for (const { name, stored } of samples) assert.deepEqual(decode(stored), expectedEvents[name], name);
  });

  test('are read with all that was recorded about them', () => {
    const { stored } = sampleOf('ConfigurationPosted.v1');
    const { event, ...about } = decodeRecorded(stored);
    assert.equal(event.type, 'ConfigurationPosted');
    assert.deepEqual(about, {
      id: stored.id,
      stream: 'configuration-main',
      revision: 0,
      position: 1,
      time: 1_795_334_400_000,
      actor: 'local-operator',
      correlationId: '4bf92f35-77b3-5da6-a3ce-929d0e0e4700',
      causationId: 'cmd-0000',
      commandId: 'cmd-0000',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      fingerprint: stored.metadata['fingerprint'],
    });
  });

  test('are written again as they were read', () => {
    for (const { name, type, version, stored } of samples) {
      const { data, metadata } = stored;
      const written = encode(decode(stored), metadata);
      if (version === schemas[type as EventType].version) {
        assert.equal(JSON.stringify(written), JSON.stringify({ type, data, metadata }), name);
      }
      const again = { ...stored, ...written };
      assert.deepEqual(decode(again), decode(stored), name);
    }
  });

  test('lie in streams of ours, are about something, and can be folded', () => {
    for (const { name, stored } of samples) {
      assert.ok(categories.includes(categoryOf(stored.stream)), `${name} lies in ${stored.stream}`);
      const recorded = decodeRecorded(stored);
      assert.ok(subjectsOf(recorded.event).length > 0, `${name} is about nothing`);
      const network = initialNetwork();
      advanceInPlace(network, [recorded]);
      assert.equal(network.position, stored.position, name);
    }
  });
});

/** By kind of member, values that are of another kind. */
const wrong: Readonly<Record<string, readonly Json[]>> = {
  text: [null, 1, true, [], {}],
  'text?': [null, 1, true, [], {}],
  'flag?': [null, 1, 'true', [], {}],
  integer: [null, '1', 1.5, 2 ** 53, true, [], {}],
  flag: [null, 'true', 1, [], {}],
  texts: [null, 'a', 1, {}, [1], ['a', null]],
  nodes: [
    null,
    'a',
    {},
    ['a'],
    [null],
    [{}],
    [{ name: 1 }],
    [{ name: 'a', endpoint: 1 }],
    [{ name: 'a', missingSince: '1' }],
    [[]],
  ],
  rules: [
    ...[null, 'a', {}, ['a'], [null], [{}]],
    ...[{ protocol: '6' }, { low: 0.5 }, { high: null }, { source: null }, { source: { kind: 'cidr' } }].map(
      (change) => [{ protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '10.0.0.0/8' }, ...change } as Json],
    ),
    [{ protocol: 6, low: 22, high: 22, source: { kind: 'group', groupId: 'sg-00000001' } }],
    [{ protocol: 6, low: 22, high: 22, source: { kind: 'planet' } }],
  ],
  configuration: [
    ...[null, 'a', 1, []],
    ...[
      { PublicIps: 5 },
      { PublicIps: [5] },
      { Mode: 1 },
      { Subnets: {} },
      { Subnets: ['a'] },
      { Subnets: [{ Name: 1 }] },
    ],
    ...[{ Clusters: [{}] }, { Clusters: [{ Name: 'a', Subnet: 'b' }] }, { Clusters: [{ Name: 'a', PrivateIps: [1] }] }],
  ],
};

describe('an event that does not decode', () => {
  const base = sampleOf('ClusterRegistered.v1').stored;

  test('names its position when its type is unknown, also when it is a name every object has', () => {
    for (const type of ['WeatherReported', 'constructor', '__proto__', 'toString', '']) {
      assertCorrupt({ ...base, type }, /its type is unknown to this program/);
    }
  });

  test('names its position when its schema version is from the future or none at all', () => {
    for (const [schema, said] of [
      ['2', '2'],
      ['99', '99'],
      ['0', '0'],
      ['-1', '-1'],
      ['1.5', '1.5'],
      ['x', 'NaN'],
    ]) {
      const stored = { ...base, metadata: { ...base.metadata, schema: schema ?? '' } };
      assertCorrupt(stored, new RegExp(`its schema version is ${said}, this program knows up to 1`));
    }
  });

  test('names the member that is missing, whichever it is', () => {
    for (const { name, type, stored } of samples) {
      for (const [member, kind] of Object.entries((schemas[type as EventType] as unknown as AnySchema).members)) {
        const { [member]: _gone, ...data } = stored.data;
        if (kind.endsWith('?')) assert.doesNotThrow(() => decode({ ...stored, data }), `${name} without ${member}`);
        else assertCorrupt({ ...stored, data }, new RegExp(`member ${member} is not ${kind}`));
      }
    }
  });

  test('names the member that holds something else, whichever it is', () => {
    const seen = new Set<string>();
    for (const { type, stored } of samples) {
      for (const [member, kind] of Object.entries((schemas[type as EventType] as unknown as AnySchema).members)) {
        seen.add(kind);
        for (const value of wrong[kind] ?? assert.fail(`no wrong values of kind ${kind}`)) {
          assertCorrupt(
            { ...stored, data: { ...stored.data, [member]: value } },
            new RegExp(`member ${member} is not`),
          );
        }
      }
    }
    assert.deepEqual([...seen].sort(), Object.keys(wrong).sort());
  });

  test('is never taken for one that does: whatever the log holds, an event comes out or a fault with its position', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
    const version = fc.constantFrom({}, { schema: '1' }, { schema: '2' }, { schema: '' });
    let decoded = 0;
    fc.assert(
      fc.property(fc.constantFrom(...samples), members, version, fc.nat(3), ({ stored }, odd, schema, cut) => {
        const kept = Object.fromEntries(Object.entries(stored.data).slice(cut));
        const broken = {
          ...stored,
          data: { ...kept, ...odd } as StoredEvent['data'],
          metadata: { ...stored.metadata, ...schema },
        };
        try {
          assert.equal(decode(broken).type, stored.type);
          decoded += 1;
        } catch (fault) {
          assert.ok(fault instanceof StoreFault, `expected a StoreFault, got ${fault}`);
          assert.deepEqual([fault.kind, fault.position], ['corrupt', stored.position]);
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(decoded > 0 && decoded < 300, `${decoded} of 300 decoded`);
  });
});

test('what a context says is written flat, and only what it says', () => {
  const context = { commandId: 'c', actor: 'a', admin: true, at: 5, correlationId: 'r' };
  assert.deepEqual(metadataOf(context), {
    $correlationId: 'r',
    $causationId: 'c',
    commandId: 'c',
    actor: 'a',
    time: '5',
  });
  const full = { ...context, causationId: 'k', source: 'http', traceparent: 't', fingerprint: 'f' };
  assert.deepEqual(metadataOf(full), {
    ...{ $correlationId: 'r', $causationId: 'k', commandId: 'c', actor: 'a', time: '5' },
    ...{ source: 'http', traceparent: 't', fingerprint: 'f' },
  });
});
