/**
 * Staying right: restarts that drop nothing, other people's edits, documents that must not be used.
 */
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderDocument } from '../../../src/projections/document/render.ts';
import { type Lab, writeBeside } from '../lab.ts';
import { actors, labDocument, type Scene } from '../story.ts';
import { inside } from '../world.ts';
import { cannotOpen, canOpen, eventually, openStream, type Story } from './story.ts';

const elastic = '203.0.113.50';
const nft = (...args: string[]): string => inside('n1', 'nft', args);

/** The serial of the newest stamp in node 1's kernel: it moves with every transaction of the agent. */
const serial = (): number =>
  Math.max(
    ...[...nft('list', 'set', 'ip', 'edge', 'gen').matchAll(/0x([0-9a-f]{8}) comment/g)].map(([, hex]) =>
      Number.parseInt(hex ?? '0', 16),
    ),
  );

const refusedWith = async (lab: Lab, bytes: string | Buffer, reason: string): Promise<void> => {
  await writeBeside(lab.files.n1, bytes);
  const report = await lab.agents.n1.until((one) => one.refusal?.reason === reason, reason);
  assert.equal(report.applied?.position, lab.stamp().position, 'the last good document stays in force');
};

const next = (lab: Lab, scene: Scene = {}, ahead = 1000): string =>
  renderDocument(labDocument(scene), 'superset', {
    version: 'ffffffff',
    epoch: 1,
    position: (lab.stamp().position ?? 0) + ahead,
  });

const twin = (over: { macAddress?: string; privateIp?: string; publicIp?: string }): Scene => ({
  moreInstances: [
    {
      id: 'i-0000ffff',
      ownerId: '000000000001',
      macAddress: 'd0:0d:00:00:ff:ff',
      privateIp: '10.111.0.88',
      securityGroups: ['sg-web'],
      ...over,
    },
  ],
});

export const upkeepStories: readonly Story[] = [
  {
    name: 'upkeep: a crash and a restart of the agent change nothing and drop nothing',
    run: async (lab) => {
      await lab.publish();
      const name = await openStream(lab, 'client', elastic, 22);
      const before = serial();
      await lab.agents.n1.kill();
      assert.ok(await canOpen(lab, 'client', elastic, 22), 'the rules stay when the agent is gone');
      const agent = lab.replaceAgent('n1');
      const status = await agent.begin(lab.settings('n1'));
      assert.equal(status.applied?.position, lab.stamp().position);
      assert.equal(status.drift, undefined);
      assert.equal(serial(), before, 'no transaction was needed');
      assert.equal((await lab.puppet('client').tell('stream_state', { name, stop: true })).error, null);
    },
  },
  {
    name: 'upkeep: what changed while the agent was away is applied as a difference',
    run: async (lab) => {
      const name = await openStream(lab, 'client', elastic, 22);
      await lab.agents.n1.kill();
      nft('delete', 'element', 'ip', 'edge', 'dnat4', `{ ${elastic} }`);
      nft('add', 'rule', 'ip', 'edge', 'g_sg-web', 'accept');
      await lab.replaceAgent('n1').begin(lab.settings('n1'));
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      assert.ok(await cannotOpen(lab, 'client', elastic, 9999));
      assert.equal((await lab.puppet('client').tell('stream_state', { name, stop: true })).error, null);
    },
  },
  {
    name: 'upkeep: an elastic address that moved while the agent was away is cut when it is back',
    run: async (lab) => {
      await lab.publish();
      const name = await openStream(lab, 'client', elastic, 22);
      const tracked = (): string =>
        inside('n1', 'conntrack', ['-L', '--orig-dst', elastic, '--reply-src', actors.a1.ip]);
      assert.match(tracked(), new RegExp(`dst=${elastic} .*src=${actors.a1.ip}`));
      await lab.agents.n1.kill();
      const moved: Scene = { elastic: { a1: null, a2: elastic } };
      await writeBeside(lab.files.n1, next(lab, moved, 1));
      await lab.replaceAgent('n1').begin(lab.settings('n1'));
      assert.equal(tracked().trim(), '', 'nothing is translated to the old holder any more');
      await eventually('the old connection ends', async () => {
        return (await lab.puppet('client').tell('stream_state', { name })).error !== null;
      });
      lab.takeStamp();
      await lab.publish();
      assert.ok(await canOpen(lab, 'client', elastic, 22));
    },
  },
  {
    name: "upkeep: somebody else's edits are noticed, named and repaired",
    run: async (lab) => {
      await lab.publish();
      nft('insert', 'rule', 'ip', 'edge', 'to_instance', 'accept');
      nft('add', 'chain', 'ip', 'edge', 'guest');
      nft('add', 'element', 'ip', 'edge', 'm_sg-web', '{ 192.0.2.7 }');
      const report = await lab.agents.n1.until(({ drift = [] }) => {
        const found = drift.flatMap((one) => one.found).join('\n');
        return ['to_instance', 'guest', '192.0.2.7'].every((word) => found.includes(word));
      }, 'all three edits named');
      assert.ok(report.drift?.every(({ repaired }) => repaired));
      await eventually(
        'the edit is gone',
        () => !nft('list', 'chain', 'ip', 'edge', 'to_instance').includes('\t\taccept\n'),
      );
      assert.ok(await cannotOpen(lab, 'client', elastic, 9999));
    },
  },
  {
    name: 'upkeep: a flush of the whole ruleset is put right',
    run: async (lab) => {
      nft('flush', 'ruleset');
      await eventually('the tables are back', () => nft('list', 'tables').includes('ip edge'));
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      assert.ok(await cannotOpen(lab, 'client', elastic, 9999));
    },
  },
  {
    name: 'upkeep: a change that comes when the kernel has just been emptied goes in all the same',
    run: async (lab) => {
      nft('flush', 'ruleset');
      await lab.publish({ withoutRule: 'ssh from anywhere' });
      assert.equal((await lab.agents.n1.status()).refusal, undefined);
      assert.ok(await cannotOpen(lab, 'client', elastic, 22));
      nft('delete', 'element', 'ip', 'edge', 'dnat4', `{ ${elastic} }`);
      await lab.publish({ elastic: { a1: null } });
      const { refusal, drift = [] } = await lab.agents.n1.status();
      assert.equal(refusal, undefined);
      assert.ok(drift.some(({ found }) => found.length > 0));
      await lab.publish();
      assert.ok(await canOpen(lab, 'client', elastic, 22));
    },
  },
  {
    name: 'upkeep: lost host state is found by the comparison',
    run: async (lab) => {
      inside('n1', 'ip', ['neigh', 'del', 'proxy', elastic, 'dev', 'pub0']);
      inside('n1', 'ip', ['route', 'del', `${actors.a2.ip}/32`, 'dev', 'br-edge']);
      inside('n1', 'bridge', ['link', 'set', 'dev', 'vn_i-00000101', 'isolated', 'off']);
      const status = await lab.agents.n1.inspect();
      const found = (status.drift ?? []).flatMap((one) => one.found).join('\n');
      for (const word of [`proxy ${elastic} pub0`, `route ${actors.a2.ip}/32`, 'port vn_i-00000101']) {
        assert.ok(found.includes(word), `${word} in ${found}`);
      }
      const settled = (status.drift ?? []).length;
      assert.equal((await lab.agents.n1.inspect()).drift?.length, settled, 'nothing is left to find');
    },
  },
  {
    name: 'bad input: truncated, older, foreign, homeless and double documents leave the last good state',
    run: async (lab) => {
      await lab.publish();
      const good = await readFile(lab.files.n1);
      await refusedWith(lab, good.subarray(0, good.length >> 1), 'document-truncated');
      await refusedWith(lab, next(lab, {}, -1), 'older-document');
      await refusedWith(lab, next(lab, { absent: ['d1'] }, 0), 'same-version-other-content');
      await refusedWith(lab, next(lab).replace('>EDGE<', '>VPCMIDO<'), 'document-mode');
      await refusedWith(lab, next(lab).replace('198.51.100.11', '198.51.100.99'), 'document-without-node');
      await refusedWith(lab, next(lab).replace('</instances>', '</instances'), 'document-malformed');
      await refusedWith(lab, next(lab, twin({ macAddress: actors.a1.mac })), 'document-duplicate');
      await refusedWith(lab, next(lab, twin({ privateIp: actors.a1.ip })), 'document-duplicate');
      await refusedWith(lab, next(lab, twin({ publicIp: elastic })), 'document-duplicate');
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      await lab.publish();
      assert.equal((await lab.agents.n1.status()).refusal, undefined);
    },
  },
  {
    name: 'bad input: one bad rule never takes the others down',
    run: async (lab) => {
      const everybody = '<cidr>0.0.0.0/0</cidr>';
      const ssh = '<rule><protocol>6</protocol><fromPort>22</fromPort><toPort>22</toPort>';
      const bad = [
        '<protocol>6</protocol><fromPort>9999</fromPort><toPort>9999</toPort><cidr>10.0.0.0/33</cidr>',
        '<protocol>6</protocol><fromPort>9999</fromPort><toPort>9999</toPort>',
        '<protocol>6</protocol><fromPort>9999</fromPort><toPort>9999</toPort><groupId>sg-nowhere</groupId>',
        `<protocol>6</protocol><fromPort>70000</fromPort><toPort>80000</toPort>${everybody}`,
        `<protocol>1</protocol><icmpType>300</icmpType><icmpCode>0</icmpCode>${everybody}`,
        `<protocol>-1</protocol>${everybody}`,
        `<protocol>tcp; drop</protocol><fromPort>1</fromPort><toPort>2</toPort>${everybody}`,
      ];
      const stamp = lab.takeStamp();
      const text = renderDocument(labDocument(), 'superset', stamp);
      assert.ok(text.includes(ssh));
      const spoilt = text.replace(ssh, `${bad.map((rule) => `<rule>${rule}</rule>`).join('')}${ssh}`);
      for (const file of Object.values(lab.files)) await writeBeside(file, spoilt);
      await lab.agents.n1.until(({ applied }) => applied?.position === stamp.position, 'the spoilt document');
      const status = await lab.agents.n1.status();
      assert.equal(status.notes.filter(({ kind }) => kind === 'bad-rule').length, bad.length);
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      assert.ok(await cannotOpen(lab, 'client', elastic, 9999));
    },
  },
  {
    name: 'bad input: a group the kernel refuses keeps its last rules while all others go in',
    run: async (lab) => {
      await lab.publish();
      const stubborn = join(lab.folder, 'nft');
      await writeFile(
        stubborn,
        '#!/bin/sh\nfor last; do :; done\n[ "$last" = -i ] && exit 1\nif [ "$last" = - ]; then text=$(cat); case "$text" in *4242*) echo "Error: no" >&2; exit 1;; esac; printf "%s\\n" "$text" | exec nft "$@"; fi\nexec nft "$@"\n',
      );
      await chmod(stubborn, 0o755);
      await lab.retune({}, { tools: { nft: stubborn } });
      const everybody = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
      const scene: Scene = {
        extraRules: [
          ['sg-web', { protocol: 6, low: 4242, high: 4242, source: everybody }],
          ['sg-db', { protocol: 6, low: 9999, high: 9999, source: everybody }],
        ],
      };
      const before = lab.stamp();
      const text = renderDocument(labDocument(scene), 'superset', lab.takeStamp());
      for (const file of Object.values(lab.files)) await writeBeside(file, text);
      const report = await lab.agents.n1.until((one) => one.refusal?.reason === 'kernel-refused', 'kernel-refused');
      assert.match(report.refusal?.detail ?? '', /sg-web/);
      assert.doesNotMatch(report.refusal?.detail ?? '', /sg-db/);
      assert.equal(report.applied?.position, before.position);
      assert.ok(await canOpen(lab, 'client', elastic, 22), 'the old rules of the refused group still stand');
      assert.ok(await canOpen(lab, 'c1', actors.b1.ip, 9999), 'the new rule of the other group is in');
      await lab.retune({});
      await lab.publish();
      assert.equal((await lab.agents.n1.status()).refusal, undefined);
      assert.ok(await cannotOpen(lab, 'c1', actors.b1.ip, 9999));
    },
  },
];
