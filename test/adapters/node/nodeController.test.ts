/**
 * The node controller keeps the newest document in its file and no other: older ones, clashes and what cannot be written are
 * refused with a reason, the file stays what it was, and after a restart it goes on from there.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createNodeController, DOCUMENT_FILE } from '../../../src/adapters/node/nodeController.ts';
import { receivedDocument } from '../../../src/adapters/shared/receivedDocument.ts';

const textOf = (position: number, content = 'c', epoch = 1): string =>
  `<network-data version="${position.toString(16).padStart(8, '0')}" epoch="${epoch}" position="${position}">${content}</network-data>`;

const received = (text: string) => receivedDocument([Buffer.from(text)]) ?? assert.fail('expected a document');
const documentOf = (position: number, content?: string, epoch?: number) => received(textOf(position, content, epoch));

const folderOf = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-nc-'));
  t.after(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

const open = async (folder: string) => {
  let words = 0;
  const onWord = (): void => {
    words += 1;
  };
  const controller = createNodeController({ name: 'node', folder, now: () => 7, onWord });
  await controller.start();
  return { controller, words: () => words };
};

const reasonOf = (answer: object): string => ('reason' in answer ? String(answer.reason) : 'accepted');

test('the newest document is in the file, older and clashing ones are refused', async (t) => {
  const { controller, words } = await open(folderOf(t));
  assert.equal(controller.word().accepted, null);
  assert.equal(reasonOf(await controller.accept(documentOf(5))), 'accepted');
  assert.equal(readFileSync(controller.file, 'utf8'), textOf(5));
  assert.deepEqual(controller.word().accepted, { epoch: 1, position: 5 });

  assert.equal(reasonOf(await controller.accept(documentOf(4))), 'older-document');
  assert.equal(controller.word().refusal?.reason, 'older-document');
  assert.equal(reasonOf(await controller.accept(documentOf(5, 'other'))), 'same-version-other-content');
  assert.equal(readFileSync(controller.file, 'utf8'), textOf(5));

  assert.equal(reasonOf(await controller.accept(documentOf(6))), 'accepted');
  assert.equal(controller.word().refusal, null);
  assert.equal(reasonOf(await controller.accept(documentOf(1, 'c', 2))), 'accepted');
  assert.deepEqual(controller.word().accepted, { epoch: 2, position: 1 });
  assert.equal(reasonOf(await controller.accept(documentOf(99))), 'older-document');
  assert.equal(words(), 6);
});

test('a link in place of the file is replaced and not followed, and only the owner may read what is there', async (t) => {
  const folder = folderOf(t);
  const { controller } = await open(folder);
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'not ours', { mode: 0o644 });
  symlinkSync(elsewhere, controller.file);
  assert.equal(reasonOf(await controller.accept(documentOf(5))), 'accepted');
  assert.equal(readFileSync(elsewhere, 'utf8'), 'not ours');
  assert.equal(readFileSync(controller.file, 'utf8'), textOf(5));
  const found = lstatSync(controller.file);
  assert.deepEqual([found.isSymbolicLink(), found.mode & 0o777], [false, 0o600]);
});

test('what it has already it does not write again', async (t) => {
  const { controller } = await open(folderOf(t));
  await controller.accept(documentOf(5));
  const { ino } = statSync(controller.file);
  assert.equal(reasonOf(await controller.accept(documentOf(5))), 'accepted');
  assert.equal(statSync(controller.file).ino, ino);
});

test('many at once end with the newest, whatever the order', async (t) => {
  const { controller } = await open(folderOf(t));
  const positions = [3, 9, 1, 7, 8, 2, 9, 4];
  const answers = await Promise.all(positions.map((position) => controller.accept(documentOf(position))));
  assert.deepEqual(answers.map(reasonOf), [
    ...['accepted', 'accepted', 'older-document', 'older-document', 'older-document', 'older-document'],
    ...['accepted', 'older-document'],
  ]);
  assert.equal(readFileSync(controller.file, 'utf8'), textOf(9));
});

test('a restart goes on from the file; a file that is no document is as good as none', async (t) => {
  const folder = folderOf(t);
  await (await open(folder)).controller.accept(documentOf(5));
  const again = (await open(folder)).controller;
  assert.deepEqual(again.word().accepted, { epoch: 1, position: 5 });
  assert.equal(reasonOf(await again.accept(documentOf(4))), 'older-document');
  writeFileSync(join(folder, DOCUMENT_FILE), 'rubbish');
  const fresh = (await open(folder)).controller;
  assert.equal(fresh.word().accepted, null);
  assert.equal(reasonOf(await fresh.accept(documentOf(4))), 'accepted');
});

test('documents of a foreign control plane are taken whenever their content is new', async (t) => {
  const { controller } = await open(folderOf(t));
  const foreign = (content: string) => received(`<network-data version="1">${content}</network-data>`);
  for (const content of ['a', 'b', 'a']) {
    assert.equal(reasonOf(await controller.accept(foreign(content))), 'accepted');
    assert.ok(readFileSync(controller.file, 'utf8').includes(`>${content}<`));
  }
  assert.equal(controller.word().accepted, null, 'there is no order to speak of');
});

test('what cannot be written is refused and said, and taken when it can be', async (t) => {
  const folder = folderOf(t);
  const { controller } = await open(folder);
  await controller.accept(documentOf(5));
  rmSync(folder, { recursive: true });
  const refused = await controller.accept(documentOf(6));
  assert.equal(reasonOf(refused), 'cannot-write');
  assert.equal(controller.word().refusal?.reason, 'cannot-write');
  assert.deepEqual(controller.word().accepted, { epoch: 1, position: 5 });
  await controller.start();
  assert.equal(reasonOf(await controller.accept(documentOf(6))), 'accepted');
  assert.deepEqual(readdirSync(folder), [DOCUMENT_FILE]);
});

test('what the agent beside it has in force is part of its word', async (t) => {
  const { controller, words } = await open(folderOf(t));
  await controller.accept(documentOf(5));
  controller.hearAgent({ agent: 'kernel', applied: { epoch: 1, position: 4 }, refusal: null });
  const { node, agent, accepted, applied, at } = controller.word();
  assert.deepEqual([node, agent, at], ['node', 'kernel', 7]);
  assert.deepEqual(
    [accepted, applied],
    [
      { epoch: 1, position: 5 },
      { epoch: 1, position: 4 },
    ],
  );
  assert.equal(words(), 2);
  const refusal = { reason: 'cannot-read', detail: 'd' };
  controller.hearAgent({ agent: 'kernel', applied: null, refusal });
  assert.deepEqual(controller.word().refusal, refusal);
});
