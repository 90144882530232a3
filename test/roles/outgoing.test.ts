/** To whom this program connects by itself, and by which names its own endpoints are meant. */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { createSoapClient } from '../../src/adapters/soap/client.ts';
import type { ClusterView } from '../../src/projections/network/views.ts';
import { addressedTo } from '../../src/roles/addressed.ts';
import { mayReach } from '../../src/roles/cloudPush.ts';
import { mayBeNode } from '../../src/roles/nodePush.ts';

const view = (endpoint: string, address: string): ClusterView =>
  ({ name: 'one', endpoint, address }) as unknown as ClusterView;

test('for a cluster only the address it was registered with is connected to', () => {
  const named = mayReach(() => view('http://cc.example:8774/axis2', '10.0.0.16'));
  assert.deepEqual(['10.0.0.16', '10.0.0.17', '127.0.0.1', '169.254.169.254'].map(named), [true, false, false, false]);
  const literal = mayReach(() => view('http://10.0.0.18:8774/axis2', '10.0.0.16'));
  assert.deepEqual(['10.0.0.16', '10.0.0.18', '10.0.0.19'].map(literal), [true, true, false]);
  assert.equal(mayReach(() => undefined)('10.0.0.16'), false);
});

test('a name that means another address than it did is not followed', async () => {
  const client = createSoapClient({
    now: Date.now,
    timeoutMs: 5_000,
    mayConnect: mayReach(() => view('http://localhost:9/axis2', '10.0.0.16')),
  });
  const pushed = await client.push('http://localhost:9/axis2', { kind: 'BroadcastNetworkInfo', networkInfo: [] });
  assert.equal(pushed.kind, 'failed');
  assert.match(pushed.kind === 'failed' ? pushed.detail : '', /is not allowed/);
  client.close();
});

test('what can never be a node is not connected to, whatever a document says', () => {
  const allowed = ['10.1.1.2', '127.0.0.2', '192.168.0.9', 'fd00::7', '::1', '2001:db8::5'];
  const refused = ['0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255', 'fe80::1', 'ff02::1', '::'];
  assert.deepEqual(allowed.filter(mayBeNode), allowed);
  // Other ways to write an IPv4 address of the same sort.
  const disguised = [
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe::1',
  ];
  assert.deepEqual([...refused, ...disguised].filter(mayBeNode), []);
});

test('an endpoint is meant by its own URL, on all addresses by each of them, and by the names it was told', () => {
  const path = '/axis2/services/EucalyptusCC';
  const meant = addressedTo({ host: '10.0.0.16', port: 8774, path, knownAs: ['cc.example'] });
  assert.equal(meant(`http://10.0.0.16:8774${path}`), true);
  assert.equal(meant(`http://CC.example:8774${path}`), true);
  for (const other of ['10.0.0.17:8774', '10.0.0.16:8775', '10.0.0.16'])
    assert.equal(meant(`http://${other}${path}`), false);
  assert.equal(meant('http://10.0.0.16:8774/axis2/services/EucalyptusNC'), false);
  assert.equal(meant('nonsense'), false);
  const everywhere = addressedTo({ host: '0.0.0.0', port: 8774, path, knownAs: [] });
  const own = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === 'IPv4'),
  );
  for (const { address } of own) assert.equal(everywhere(`http://${address}:8774${path}`), true);
  assert.equal(everywhere(`http://192.0.2.77:8774${path}`), false);
  const anyPort = addressedTo({ host: '127.0.0.1', port: 0, path, knownAs: [] });
  assert.equal(anyPort(`http://127.0.0.1:40123${path}`), true);
});
