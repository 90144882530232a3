/** From a wish in generic mode to Eucalyptus' messages on the wire and back: a cluster controller that answers over SOAP. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createAddressMessages } from '../../src/adapters/broadcast/addressMessages.ts';
import { isSettingFault, readSettings } from '../../src/adapters/settings/settings.ts';
import type { AssignAddress, UnassignAddress } from '../../src/adapters/soap/messages.ts';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { createSoapServer } from '../../src/adapters/soap/server.ts';
import { dispatch } from '../../src/domain/networking/dispatcher.ts';
import { activeNetworkIn } from '../../src/projections/activeNetwork.ts';
import { createAddressPush } from '../../src/roles/addressPush.ts';
import { readWireKeys } from '../../src/roles/wireKeys.ts';
import { openEmptyCloud, run } from '../domain/wishes/cloud.ts';

const instanceId = 'i-0000000a';

test('assigned and unassigned over SOAP, completed with the answers', async (t) => {
  const cloud = await openEmptyCloud(t);
  const heard: string[] = [];
  let refusals = 1;
  const take = async ({ kind, source, dest, uuid }: { uuid?: string } & (AssignAddress | UnassignAddress)) => {
    heard.push(`${kind} ${source} ${dest} ${uuid === undefined ? '-' : 'named'}`);
    refusals -= 1;
    return refusals < 0;
  };
  const path = endpoints.clusterController.path;
  const server = createSoapServer({
    ...{ host: '127.0.0.1', port: 0, path, now: () => Date.UTC(2026, 2, 1) },
    operations: {
      AssignAddress: async (message) => ({ kind: 'AssignAddressResponse', return: await take(message) }),
      UnassignAddress: async (message) => ({ kind: 'UnassignAddressResponse', return: await take(message) }),
    },
  });
  const { port } = await server.listen();
  t.after(() => server.close());

  const settings = readSettings({ 'wire-keys': '' }, {});
  assert.ok(!isSettingFault(settings));
  const push = createAddressPush({
    ...{ settings, keys: await readWireKeys(settings, new Set(['clc']), Date.now), now: Date.now },
    cluster: (name) => cloud.network().clusters[name],
    ...{ cloudAddress: () => '127.0.0.1', epoch: () => 1 },
  });
  const messages = createAddressMessages(
    {
      inFlight: () => Object.values(cloud.network().inFlight),
      dispatch: (change) =>
        dispatch(change, activeNetworkIn(cloud.network()), cloud.network().clusters[change.cluster]?.state),
      send: push.send,
      complete: ({ address, change, instanceId: its }) =>
        cloud.does({ type: 'CompleteAddress', address, answered: { instanceId: its, message: change } }),
      ...{ atOnce: () => 8, onFailure: () => undefined },
    },
    { backoff: { firstMs: 1, capMs: 1 } },
  );
  t.after(async () => {
    await messages.stop();
    push.close();
  });
  const landed = new Promise<void>((resolve) => {
    const stop = cloud.house.projector.watch(({ network }) => {
      messages.look();
      const isOver = network.publicAddresses !== undefined && Object.keys(network.inFlight).length === 0;
      if (isOver && heard.length >= 3) {
        stop();
        resolve();
      }
    });
  });

  const endpoint = `http://127.0.0.1:${port}${path}`;
  const particulars = { component: 'one-cc', host: '127.0.0.1', address: '127.0.0.1', endpoint };
  await cloud.does({ type: 'RegisterCluster', cluster: 'one', ...particulars });
  await cloud.does({ type: 'EnableCluster', cluster: 'one' });
  await cloud.does({ type: 'ReportAddresses', cluster: 'one', addresses: [{ address: '198.51.100.1' }] });
  await cloud.does(run(instanceId, { addressing: 'public' }));
  await cloud.does({ type: 'PlaceInstance', instanceId, node: 'one-a', privateAddress: '172.16.1.2' });
  const isAssigned = () => cloud.publicAddress('198.51.100.1')?.pending === false;
  while (!isAssigned()) await new Promise((resolve) => setImmediate(resolve));
  await cloud.does({ type: 'StopInstance', instanceId });
  await landed;
  const assign = 'AssignAddress 198.51.100.1 172.16.1.2 named';
  assert.deepEqual(heard, [assign, assign, 'UnassignAddress 198.51.100.1 172.16.1.2 -']);
  assert.equal(cloud.publicAddress('198.51.100.1'), undefined);
});
