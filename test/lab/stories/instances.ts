/**
 * What an instance lives through: its port comes, it asks for its address, it talks and is counted.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from '../lab.ts';
import { type ActorName, actors, outside, portOf } from '../story.ts';
import { addressLines, batch, inside, plugIn } from '../world.ts';
import { cannotOpen, canOpen, eventually, type Story } from './story.ts';

const run = promisify(execFile);
const found = (tool: string): boolean =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, tool)));

const strip = (name: ActorName | 'x1'): void => batch(['addr flush dev eth0'], name);

/** What a real client was told. */
const udhcpc = async (name: string, tries = 3): Promise<string | undefined> => {
  const script = 'test "$1" = bound && echo "ip=$ip subnet=$subnet router=$router dns=$dns domain=$domain"';
  const args = [
    'netns',
    'exec',
    name,
    'udhcpc',
    '-f',
    '-q',
    '-n',
    '-t',
    String(tries),
    '-T',
    '1',
    '-i',
    'eth0',
    '-s',
    '/run/told',
  ];
  batch([]);
  inside(name, 'sh', ['-c', `printf '%s\\n' '#!/bin/sh' '${script}' > /run/told && chmod +x /run/told`]);
  const result = await run('ip', args).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return /ip=.*/.exec(result.stdout)?.[0];
};

const dhclient = async (name: string, folder: string): Promise<string> => {
  const lease = join(folder, `${name}.lease`);
  await run('ip', [
    'netns',
    'exec',
    name,
    'timeout',
    '15',
    'dhclient',
    '-1',
    '-v',
    '-sf',
    '/bin/true',
    '-lf',
    lease,
    '-pf',
    join(folder, `${name}.pid`),
    'eth0',
  ]);
  const text = await readFile(lease, 'utf8');
  await run('sh', ['-c', `kill $(cat ${join(folder, `${name}.pid`)})`]).catch(() => undefined);
  return text;
};

const told = (ip: string): string =>
  `ip=${ip} subnet=255.255.0.0 router=${outside.gateway} dns=198.51.100.5 domain=lab.internal`;

const askedWith = async (lab: Lab, name: ActorName): Promise<void> => {
  strip(name);
  assert.equal(await udhcpc(name), told(actors[name].ip));
  batch(addressLines(actors[name].ip), name);
  assert.ok(await canOpen(lab, name, '169.254.169.254', 80));
};

export const instanceStories: readonly Story[] = [
  {
    name: 'dhcp: a real client gets exactly what the document says',
    run: async (lab) => {
      await lab.publish();
      if (!found('udhcpc')) return;
      await askedWith(lab, 'd1');
    },
  },
  {
    name: 'dhcp: another real client too',
    run: async (lab) => {
      if (!found('dhclient')) return;
      strip('a2');
      const lease = await dhclient('a2', lab.folder);
      assert.match(lease, new RegExp(`fixed-address ${actors.a2.ip};`));
      assert.match(lease, /option domain-name "lab.internal";/);
      batch(addressLines(actors.a2.ip), 'a2');
    },
  },
  {
    name: 'dhcp: who is not in the document gets silence',
    run: async () => {
      if (!found('udhcpc')) return;
      strip('x1');
      assert.equal(await udhcpc('x1', 1), undefined);
    },
  },
  {
    name: 'dhcp: dnsmasq as the driver says the same',
    run: async (lab) => {
      if (!found('udhcpc') || !found('dnsmasq')) return;
      await lab.retune({}, { dhcp: 'dnsmasq' });
      await askedWith(lab, 'd1');
      await lab.retune({});
    },
  },
  {
    name: 'dhcp: addresses that change hands are leased to their new holders at once, by both drivers',
    run: async (lab) => {
      if (!found('udhcpc') || !found('dnsmasq')) return;
      for (const dhcp of ['internal', 'dnsmasq'] as const) {
        await lab.publish();
        await lab.retune({}, { dhcp });
        await askedWith(lab, 'd1');
        await lab.publish({ ip: { d1: actors.a2.ip, a2: actors.d1.ip } });
        strip('d1');
        assert.equal(await udhcpc('d1'), told(actors.a2.ip), dhcp);
        batch(addressLines(actors.d1.ip), 'd1');
      }
      await lab.retune({});
      await lab.publish();
    },
  },
  {
    name: 'ports: one that comes after the plan is taken up at once, one that comes back too',
    run: async (lab) => {
      await lab.publish();
      const port = portOf(actors.d1);
      inside('n1', 'ip', ['link', 'del', port]);
      assert.ok(await cannotOpen(lab, 'clc', actors.d1.ip, 7001));
      plugIn(actors.d1, port);
      await lab.puppet('d1').tell('listen', { device: 'eth0' });
      await eventually('the new port is on the bridge', () =>
        inside('n1', 'ip', ['link', 'show', port]).includes('master br-edge'),
      );
      assert.ok(await canOpen(lab, 'clc', actors.d1.ip, 7001));
      const flags = inside('n1', 'bridge', ['-d', 'link', 'show', 'dev', port]);
      assert.match(flags, /isolated on/);
      assert.match(flags, /locked on/);
    },
  },
  {
    name: 'metering: bytes and packets are counted per instance, private and public',
    run: async (lab) => {
      await lab.publish();
      const count = async () => (await lab.agents.n1.traffic()).find(({ privateIp }) => privateIp === actors.a1.ip);
      const before = await count();
      assert.ok(await canOpen(lab, 'client', '203.0.113.50', 22));
      const public1 = await count();
      assert.ok((public1?.in_public.packets ?? 0) > (before?.in_public.packets ?? 0));
      assert.ok((public1?.out_public.bytes ?? 0) > (before?.out_public.bytes ?? 0));
      assert.equal(public1?.in_private.packets, before?.in_private.packets);
      assert.ok(await canOpen(lab, 'a1', actors.b1.ip, 5432));
      const private1 = await count();
      assert.ok((private1?.out_private.packets ?? 0) > (before?.out_private.packets ?? 0));
      assert.equal(private1?.in_public.packets, public1?.in_public.packets);
    },
  },
  {
    name: 'files: the applied version and the boot gate are where a node controller looks',
    run: async (lab) => {
      const stamp = await lab.publish();
      const version = join(dirname(lab.files.n1), 'global_network_info.version');
      await eventually('the version file follows', async () => (await readFile(version, 'utf8')) === stamp.version);
      const gate = await readFile(join(lab.folder, 'n1', 'status', 'net', 'euca-dhcp.conf'), 'utf8');
      assert.ok(gate.includes(`node-${actors.a1.ip} `));
      assert.ok(!gate.includes(`node-${actors.a3.ip} `), 'only instances of this node');
    },
  },
];
