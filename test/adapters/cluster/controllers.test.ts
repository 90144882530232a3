/**
 * The two controllers by themselves: a relay that keeps the newest document and gives each node what it lacks, and a node that
 * takes only what is newer. Nodes are functions here; files are real.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createInProcessLanes } from '../../../src/adapters/broadcast/inProcessLanes.ts';
import {
  type ClusterController,
  createClusterController,
  type NodePush,
} from '../../../src/adapters/cluster/clusterController.ts';
import type { NodeWord } from '../../../src/adapters/cluster/downstreams.ts';
import { createNodeController } from '../../../src/adapters/node/nodeController.ts';
import { type ReceivedDocument, receivedDocument } from '../../../src/adapters/shared/receivedDocument.ts';
import { gate, until } from '../broadcast/lanesContract.ts';

const nodesText = (nodes: readonly string[]): string =>
  nodes.map((name) => `<node name="${name}"><instanceIds/></node>`).join('');

const read = (text: string): ReceivedDocument => {
  const document = receivedDocument([Buffer.from(text)]);
  if (document === undefined) throw new Error(`expected a document, got ${text}`);
  return document;
};

/** One of ours, for cluster `one`. */
const ours = (position: number, nodes: readonly string[] = ['a', 'b'], epoch = 1, note = ''): ReceivedDocument =>
  read(
    `<?xml version="1.0"?><network-data version="${position.toString(16).padStart(8, '0')}" epoch="${epoch}" position="${position}">` +
      `<configuration><property name="clusters"><cluster name="one"><property name="nodes">${nodesText(nodes)}</property></cluster></property></configuration>${note}</network-data>`,
  );

/** One of Eucalyptus 4.0: no version, no order. */
const foreign = (text: string): ReceivedDocument =>
  read(
    `<network-data><configuration><property name="clusters"><cluster name="one"><property name="nodes">${nodesText(['a'])}</property></cluster></property></configuration>${text}</network-data>`,
  );

const wordOf = (node: string, document: ReceivedDocument | undefined, change: Partial<NodeWord> = {}): NodeWord => ({
  node,
  accepted: document?.order ?? null,
  applied: null,
  agent: 'plan',
  refusal: null,
  digest: document?.digest ?? null,
  traceparent: null,
  ...change,
});

const quick = { backoff: { firstMs: 2, capMs: 10 } };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgelog-controllers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the cluster controller', () => {
  let running: ClusterController[] = [];
  let clock = 1_000;
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
    running = [];
  });

  const open = async (push: NodePush, nodes: readonly string[] = []): Promise<ClusterController> => {
    const controller = createClusterController({
      ...{ name: 'one', folder, nodes, push, lanes: createInProcessLanes(quick) },
      now: () => clock,
      onWord: () => undefined,
    });
    await controller.start();
    running.push(controller);
    return controller;
  };
  const accepted = { accepted: true } as const;

  test('gives every node its document, though some hang and some fail', async () => {
    const hang = gate();
    const taken = new Map<string, number>();
    let failures = 0;
    const controller = await open(async (node, document) => {
      if (node === 'hangs') await hang.passed;
      if (node === 'fails' && failures < 5) {
        failures += 1;
        return { accepted: false, reason: 'refused-connection', detail: 'nobody there' };
      }
      taken.set(node, document.order?.position ?? -1);
      return accepted;
    });
    await controller.accept(ours(7, ['hangs', 'fails', 'a', 'b']));
    await until(() => taken.size === 3, 'three nodes');
    assert.deepEqual([...taken.keys()].sort(), ['a', 'b', 'fails']);
    for (let position = 8; position < 30; position += 1)
      await controller.accept(ours(position, ['hangs', 'fails', 'a', 'b']));
    await until(() => ['a', 'b', 'fails'].every((node) => taken.get(node) === 29), 'the newest on all three');
    const waiting = controller.downstreams().find(({ node }) => node === 'hangs');
    assert.equal(waiting?.accepted, null);
    hang.open();
    await until(() => taken.get('hangs') === 29, 'the newest on the fourth');
  });

  test('says why a node refuses: in the words of the node, unless it cannot be reached', async () => {
    let answer: Awaited<ReturnType<NodePush>> = {
      accepted: false,
      reason: 'refused',
      detail: 'answered false, status 2',
    };
    const controller = await open(async () => answer);
    const refusal = () => controller.downstreams()[0]?.refusal?.reason;
    await controller.accept(ours(1, ['a']));
    await until(() => refusal() === 'refused', 'the answer');
    controller.hearNode(wordOf('a', undefined, { refusal: { reason: 'cannot-write', detail: 'ENOSPC' } }));
    assert.equal(refusal(), 'cannot-write');
    answer = { accepted: false, reason: 'timeout', detail: 'no answer' };
    await until(() => refusal() === 'timeout', 'that it cannot be reached');
    answer = accepted;
    await until(() => controller.downstreams()[0]?.accepted?.position === 1, 'acceptance');
    controller.hearNode(wordOf('a', ours(1, ['a'])));
    assert.equal(refusal(), undefined);
  });

  test('refuses what is older and what contradicts, takes the same again', async () => {
    const controller = await open(async () => accepted);
    const reasonOf = async (document: ReceivedDocument): Promise<string> => {
      const answer = await controller.accept(document);
      return answer.accepted ? 'accepted' : answer.reason;
    };
    assert.equal(await reasonOf(ours(10)), 'accepted');
    assert.equal(await reasonOf(ours(10)), 'accepted');
    assert.equal(await reasonOf(ours(9)), 'older-document');
    assert.equal(await reasonOf(ours(10, ['a', 'b'], 1, '<other/>')), 'same-version-other-content');
    assert.equal(await reasonOf(ours(2, ['a', 'b'], 2)), 'accepted');
    assert.equal(await reasonOf(ours(99, ['a', 'b'], 1)), 'older-document');
    assert.deepEqual(controller.latest()?.order, { epoch: 2, position: 2 });
  });

  test('comes back with its document and with what each node has', async () => {
    const pushed: string[] = [];
    const push: NodePush = async (node) => {
      pushed.push(node);
      return accepted;
    };
    const first = await open(push);
    await first.accept(ours(5));
    await until(() => pushed.length === 2, 'both nodes');
    await first.stop();
    running = [];
    const again = await open(push);
    assert.deepEqual(again.latest()?.order, { epoch: 1, position: 5 });
    assert.deepEqual(
      again.downstreams().map(({ node, accepted: has }) => [node, has?.position]),
      [
        ['a', 5],
        ['b', 5],
      ],
    );
    await again.accept(ours(6));
    await until(() => pushed.length === 4, 'both nodes with the next');
    assert.equal(pushed.length, 4, 'what they had was not given again');
  });

  test('files that are damaged cost a delivery, not the start', async () => {
    const first = await open(async () => accepted);
    await first.accept(ours(5));
    await first.stop();
    running = [];
    await writeFile(join(folder, 'acknowledged.json'), '{"a":{"digest":7},"b"');
    await writeFile(join(folder, 'cc_global_network_info.xml'), 'nothing of the kind');
    const again = await open(async () => accepted);
    assert.equal(again.latest(), undefined);
    assert.deepEqual(await again.accept(ours(6)), accepted);
  });

  test('a node that says it has nothing, or something else, is given the newest again', async () => {
    const pushed: string[] = [];
    const controller = await open(async (node) => {
      pushed.push(node);
      return accepted;
    });
    await controller.accept(ours(5, ['a']));
    await until(() => pushed.length === 1, 'the first delivery');
    controller.hearNode(wordOf('a', ours(5, ['a'])));
    controller.hearNode(wordOf('a', undefined));
    await until(() => pushed.length === 2, 'the second delivery');
    controller.hearNode(wordOf('a', ours(4, ['a'])));
    await until(() => pushed.length === 3, 'the third delivery');
  });

  test('a node that speaks is served though no document lists it, until it is silent for long', async () => {
    const pushed: string[] = [];
    const controller = await open(async (node) => {
      pushed.push(node);
      return accepted;
    });
    controller.hearNode(wordOf('new', undefined));
    await controller.accept(ours(5, []));
    await until(() => pushed.includes('new'), 'the delivery');
    clock += 200_000;
    await controller.accept(ours(6, ['a']));
    await until(() => pushed.includes('a'), 'the delivery to the listed one');
    assert.deepEqual(
      controller.downstreams().map(({ node }) => node),
      ['a'],
    );
  });

  test('documents without an order are each given once, and again when asked to repeat', async () => {
    const pushed: string[] = [];
    const controller = await open(async (_node, document) => {
      pushed.push(document.digest);
      return accepted;
    });
    const [one, two] = [foreign('<a/>'), foreign('<b/>')];
    await controller.accept(one);
    await until(() => pushed.length === 1, 'the first');
    await controller.accept(one);
    await controller.accept(two);
    await until(() => pushed.length === 2, 'the second');
    assert.deepEqual(pushed, [one.digest, two.digest]);
    assert.deepEqual(
      controller.downstreams().map(({ agent, accepted: has }) => [agent, has]),
      [['unknown', null]],
    );
    controller.repeat();
    await until(() => pushed.length === 3, 'the second again');
  });

  test('a folder it cannot write to is an answer, and the last good document stays', async () => {
    if (process.getuid?.() === 0) {
      // Root may write anywhere; a file in the way of the folder stops even root.
      const controller = await open(async () => accepted);
      await controller.accept(ours(5));
      await controller.stop();
      await rm(folder, { recursive: true });
      await writeFile(folder, '');
      const answer = await controller.accept(ours(6));
      assert.equal(!answer.accepted && answer.reason, 'cannot-write');
      assert.equal(controller.latest()?.order?.position, 5);
      return;
    }
    const controller = await open(async () => accepted);
    await controller.accept(ours(5));
    await chmod(folder, 0o500);
    const answer = await controller.accept(ours(6));
    await chmod(folder, 0o700);
    assert.equal(!answer.accepted && answer.reason, 'cannot-write');
    assert.equal(controller.latest()?.order?.position, 5);
  });
});

describe('the node controller', () => {
  const open = async () => {
    let words = 0;
    const controller = createNodeController({
      ...{ name: 'a', folder, now: () => 0 },
      onWord: () => {
        words += 1;
      },
    });
    await controller.start();
    return { controller, words: () => words };
  };

  test('keeps the newest in its file, whatever order documents come in, also across restarts', async () => {
    const { controller } = await open();
    const positions = [3, 1, 7, 2, 7, 5, 9, 8];
    for (const position of positions) await controller.accept(ours(position));
    assert.match(await readFile(controller.file, 'utf8'), / position="9"/);
    const again = (await open()).controller;
    assert.deepEqual(again.word().accepted, { epoch: 1, position: 9 });
    const older = await again.accept(ours(8));
    assert.deepEqual(older, { accepted: false, reason: 'older-document', detail: 'got epoch/position 1/8, have 1/9' });
    assert.equal(again.word().refusal?.reason, 'older-document');
    await again.accept(ours(1, [], 2));
    assert.deepEqual([again.word().accepted, again.word().refusal], [{ epoch: 2, position: 1 }, null]);
  });

  test('many at once end with the newest, whole', async () => {
    const { controller } = await open();
    const long = 'x'.repeat(200_000);
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => controller.accept(ours((i * 17) % 40, ['a'], 1, `<note>${long}</note>`))),
    );
    const text = await readFile(controller.file, 'utf8');
    assert.match(text, / position="39"/);
    assert.match(text, /<\/network-data>$/);
  });

  test('speaks for its agent, and knows which document a stamp means', async () => {
    const { controller, words } = await open();
    await controller.accept(ours(3));
    await controller.accept(ours(4));
    assert.deepEqual(controller.orderOf('00000003'), { epoch: 1, position: 3 });
    assert.equal(controller.orderOf('ffffffff'), undefined);
    controller.hearAgent({ agent: 'kernel', applied: { epoch: 1, position: 3 }, refusal: null });
    const { agent, applied, accepted } = controller.word();
    assert.deepEqual([agent, applied?.position, accepted?.position], ['kernel', 3, 4]);
    assert.equal(words(), 3);
  });
});
