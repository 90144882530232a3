import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ConfigurationEvent,
  type ConfigurationState,
  changeProperty,
  clearConfiguration,
  configurationAggregate,
  postConfiguration,
  resetProperty,
} from '../../../src/domain/configuration/aggregate.ts';
import type { Decision } from '../../../src/domain/decider.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { flat } from './documents.ts';

const text = JSON.stringify(flat);
const posted: ConfigurationEvent = { type: 'ConfigurationPosted', text, configuration: flat };
const property = 'cloud.network.network_configuration';

const recorded = (event: ConfigurationEvent): Recorded<ConfigurationEvent> => ({
  event,
  id: 'e',
  stream: 'configuration-cloud',
  revision: 0,
  position: 0,
  time: 0,
  actor: 'a',
  correlationId: 'c',
  causationId: 'c',
  commandId: 'c',
});

const given = (...events: readonly ConfigurationEvent[]): ConfigurationState => {
  const state = configurationAggregate.initial();
  for (const event of events) configurationAggregate.apply(state, event, recorded(event));
  return state;
};

const code = (decision: Decision<ConfigurationEvent>): unknown => (isRefusal(decision) ? decision.refused : decision);

test('posting keeps text and parsed form, posting it again says nothing', () => {
  assert.deepEqual(postConfiguration(given(), text), [posted]);
  assert.deepEqual(postConfiguration(given(posted), text), []);
});

test('the same text under rules that read it differently is posted again', () => {
  const asReadOnce: ConfigurationEvent = { ...posted, configuration: { PublicIps: [] } };
  assert.deepEqual(postConfiguration(given(asReadOnce), text), [posted]);
});

test('another layout of the same document is another text', () => {
  const spaced = JSON.stringify(flat, null, 2);
  assert.deepEqual(postConfiguration(given(posted), spaced), [{ ...posted, text: spaced }]);
});

test('a configuration that is not accepted changes nothing', () => {
  const state = given(posted);
  assert.equal(code(postConfiguration(state, '{"PublicIps":[]}')), 'semantic.single-subnet');
  assert.equal(code(postConfiguration(state, '{"PublicIps":["x"]}')), 'property.invalid.range');
  assert.equal(code(postConfiguration(state, 'no')), 'json.syntax');
  assert.deepEqual(state, given(posted));
});

test('clearing is an event once; the empty text clears', () => {
  assert.deepEqual(clearConfiguration(given(posted)), [{ type: 'ConfigurationCleared' }]);
  assert.deepEqual(postConfiguration(given(posted), ''), [{ type: 'ConfigurationCleared' }]);
  assert.deepEqual(clearConfiguration(given(posted, { type: 'ConfigurationCleared' })), []);
});

test('the property of the configuration is the configuration', () => {
  assert.deepEqual(changeProperty(given(), property, text), [posted]);
  assert.deepEqual(changeProperty(given(posted), property, ''), [{ type: 'ConfigurationCleared' }]);
  assert.deepEqual(resetProperty(given(posted), property), [{ type: 'ConfigurationCleared' }]);
  assert.equal(code(changeProperty(given(), property, '{')), 'json.syntax');
});

test('a property is stored as canonical text, and setting it again says nothing', () => {
  const changed: ConfigurationEvent = { type: 'PropertyChanged', name: 'edgelog.dirty_limit', value: '60' };
  assert.deepEqual(changeProperty(given(), 'edgelog.dirty_limit', ' 60 '), [changed]);
  assert.deepEqual(changeProperty(given(), 'edgelog.dirty_limit', 60), [changed]);
  assert.deepEqual(changeProperty(given(changed), 'edgelog.dirty_limit', '060'), []);
});

test('resetting is an event once', () => {
  const changed: ConfigurationEvent = { type: 'PropertyChanged', name: 'edgelog.dirty_limit', value: '60' };
  const reset: ConfigurationEvent = { type: 'PropertyReset', name: 'edgelog.dirty_limit' };
  assert.deepEqual(resetProperty(given(changed), 'edgelog.dirty_limit'), [reset]);
  assert.deepEqual(resetProperty(given(changed, reset), 'edgelog.dirty_limit'), []);
});

test('properties nobody knows are refused, whatever they are called', () => {
  for (const name of ['nope', '__proto__', 'constructor', 'toString', '']) {
    assert.equal(code(changeProperty(given(), name, '1')), 'property.unknown');
    assert.equal(code(resetProperty(given(), name)), 'property.unknown');
  }
});

test('members of later releases are accepted once the documents are for 4.4', () => {
  const later = JSON.stringify({ Mode: 'EDGE', ...flat });
  const dialect: ConfigurationEvent = { type: 'PropertyChanged', name: 'edgelog.document.dialect', value: '4.4' };
  assert.equal(code(postConfiguration(given(), later)), 'json.unknown-field');
  assert.deepEqual(postConfiguration(given(dialect), later), [
    { ...posted, text: later, configuration: { Mode: 'EDGE', ...flat } },
  ]);
});
