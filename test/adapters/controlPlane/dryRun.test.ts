/** A dry run says what would happen and nothing happens; its token lets exactly that happen, or nothing if the world has moved. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import type { Command } from '../../../src/domain/commands.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { createCloudCore } from '../../../src/roles/cloudCore.ts';
import { ACCOUNT, accepted, configurationText, context } from '../../support/house.ts';

const open = async (t: TestContext) => {
  const store = createMemoryStore();
  const core = createCloudCore({
    ...{ store, cloud: 'main', observers: [], onProgress: () => undefined },
    onFault: (fault) => {
      throw fault;
    },
  });
  core.projector.start();
  await core.projector.inSync;
  t.after(() => core.projector.stop());
  const wish = async (command: Command, asked = context()) => {
    const done = await core.executor.execute(command, asked);
    if (!isRefusal(done) && done.position >= 0) await core.projector.reached(done.position);
    return done;
  };
  const endpoint = 'http://127.0.1.1:8774/cc';
  const registration = { cluster: 'one', component: 'cc', host: '127.0.1.1', address: '127.0.1.1', endpoint };
  accepted(await wish({ type: 'RegisterCluster', ...registration }));
  accepted(await wish({ type: 'EnableCluster', cluster: 'one' }));
  accepted(await wish({ type: 'PostConfiguration', text: configurationText() }));
  const dryRun = async (command: Command, asked = context()) => {
    const said = await core.dryRun(command, asked);
    if (isRefusal(said)) return assert.fail(`expected a dry run, got ${said.detail}`);
    return said as { changed: boolean; events: readonly DomainEvent[]; token: string; documentBytes: Bytes } & Said;
  };
  const sizeNow = (): number => fullDocument(core.projector.network(), 'one')?.byteLength ?? 0;
  return { store, core, wish, dryRun, sizeNow };
};

type Bytes = { readonly before: number | null; readonly after: number | null };
type Said = { readonly [member: string]: unknown };

const run: Command = {
  ...{ type: 'RunInstances', account: ACCOUNT, cluster: 'one', instanceIds: ['i-00000001'], groups: [] },
  addressing: 'public',
};

test('what it says is what then happens, to the byte', async (t) => {
  const { store, core, wish, dryRun, sizeNow } = await open(t);
  const head = await store.head();
  const network = core.projector.network();
  const asked = context();
  const said = await dryRun(run, asked);
  assert.deepEqual(await store.head(), head);
  assert.equal(core.projector.network(), network);
  assert.equal(said.changed, true);
  assert.equal(said.documentBytes.before, sizeNow());
  accepted(await wish(run, asked));
  assert.equal(said.documentBytes.after, sizeNow());
  const stored = await store.readAll(head?.position ?? -1, 100);
  assert.deepEqual(
    stored.map(({ type, data }) => ({ ...data, type })),
    said.events.map((event) => ({ ...event })),
  );
});

test('what is so already changes nothing, what is refused is refused', async (t) => {
  const { core, dryRun } = await open(t);
  const said = await dryRun({ type: 'EnableCluster', cluster: 'one' });
  assert.deepEqual([said.changed, said.events], [false, []]);
  assert.equal(said.documentBytes.after, said.documentBytes.before);
  assert.ok(isRefusal(await core.dryRun({ type: 'EnableCluster', cluster: 'nowhere' }, context())));
});

test('a configuration that takes addresses away names those who lose them', async (t) => {
  const { wish, dryRun } = await open(t);
  accepted(await wish(run));
  const narrower = configurationText().replace('10.0.0.10-10.0.0.200', '10.0.0.100-10.0.0.200');
  const said = await dryRun({ type: 'PostConfiguration', text: narrower });
  assert.equal(said.changed, true);
  assert.deepEqual(said['instancesAffected'], ['i-00000001']);
  assert.match(JSON.stringify(said['addressesOrphaned']), /10\.0\.0\.10/);
});

test('its token is good while nothing it rests on has changed', async (t) => {
  const { wish, dryRun } = await open(t);
  const text = configurationText(150);
  const { token } = await dryRun({ type: 'PostConfiguration', text });
  accepted(await wish({ ...run, instanceIds: ['i-00000002'] } as Command));
  const stale = await wish({ type: 'PostConfiguration', text, token });
  assert.ok(isRefusal(stale), 'an address was handed out meanwhile');
  const again = await dryRun({ type: 'PostConfiguration', text });
  assert.notEqual(again.token, token);
  assert.equal(accepted(await wish({ type: 'PostConfiguration', text, token: again.token })).result['changed'], true);
});
