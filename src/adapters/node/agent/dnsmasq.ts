/**
 * The same answers from `dnsmasq` for operators who prefer it: one file per instance in a folder it watches, restarted only
 * when the network's own terms change. Its lease file is the trap: an address that moves to another MAC stays refused until
 * the old lease is released, so every withdrawn lease is released here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lease } from '../../../projections/plan/model.ts';
import type { DhcpBook } from './dhcpAnswer.ts';
import type { DhcpTerms } from './dhcpMessage.ts';
import type { DhcpServer } from './dhcpServer.ts';
import { runTool, type Tools } from './tool.ts';

export const createDnsmasq = (tools: Tools, folder: string, bridge: string): DhcpServer => {
  const hosts = join(folder, 'dhcp-hosts');
  let child: ChildProcess | undefined;
  let terms = '';
  let held: ReadonlyMap<string, Lease> = new Map();

  const halt = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      running.once('close', () => resolve());
      running.kill('SIGTERM');
    });
  };

  const restart = async (book: DhcpBook): Promise<void> => {
    await halt();
    await rm(join(folder, 'dnsmasq.leases'), { force: true });
    child = spawn(tools.dnsmasq, dnsmasqArguments(book.terms, folder, hosts, bridge), { stdio: 'ignore' });
    child.on('error', () => undefined);
  };

  /** Files of leases that are gone or moved go first, then their leases, then the new files come. */
  const replaceHosts = async (leases: ReadonlyMap<string, Lease>): Promise<boolean> => {
    const gone = [...held.values()].filter((lease) => leases.get(lease.mac)?.address !== lease.address);
    for (const lease of gone) {
      await rm(join(hosts, hostFile(lease.mac)), { force: true });
      await runTool(tools.dhcpRelease, [bridge, lease.address, lease.mac]);
    }
    for (const lease of leases.values()) {
      if (held.get(lease.mac)?.address === lease.address) continue;
      await writeFile(join(hosts, hostFile(lease.mac)), `${lease.mac},${lease.address}\n`);
    }
    held = leases;
    return gone.length > 0;
  };

  return {
    serve: async (book) => {
      await mkdir(hosts, { recursive: true });
      const isNew = terms !== JSON.stringify(book.terms);
      if (isNew) for (const file of await readdir(hosts)) await rm(join(hosts, file), { force: true });
      if (isNew) held = new Map();
      const withdrawn = await replaceHosts(book.leases);
      if (isNew) await restart(book);
      else if (withdrawn) child?.kill('SIGHUP');
      terms = JSON.stringify(book.terms);
      return child?.exitCode === null || child?.exitCode === undefined ? [] : ['dnsmasq has ended'];
    },
    answered: () => 0,
    stop: halt,
  };
};

const hostFile = (mac: string): string => mac.replaceAll(':', '');

export const dnsmasqArguments = (terms: DhcpTerms, folder: string, hosts: string, bridge: string): string[] => [
  '--keep-in-foreground',
  '--user=',
  '--group=',
  '--conf-file=/dev/null',
  '--port=0',
  '--bind-dynamic',
  `--interface=${bridge}`,
  '--except-interface=lo',
  `--pid-file=${join(folder, 'dnsmasq.pid')}`,
  `--dhcp-leasefile=${join(folder, 'dnsmasq.leases')}`,
  `--dhcp-hostsdir=${hosts}`,
  `--dhcp-range=${networkOf(terms)},static,${terms.netmask},${terms.leaseSeconds}s`,
  '--dhcp-authoritative',
  '--dhcp-no-override',
  '--no-ping',
  `--dhcp-option=option:router,${terms.router}`,
  `--dhcp-option=option:netmask,${terms.netmask}`,
  ...(terms.dnsServers.length === 0 ? [] : [`--dhcp-option=option:dns-server,${terms.dnsServers.join(',')}`]),
  ...(terms.domain === '' ? [] : [`--dhcp-option=option:domain-name,${terms.domain}`]),
  ...(terms.mtu === undefined ? [] : [`--dhcp-option=option:mtu,${terms.mtu}`]),
];

const networkOf = (terms: DhcpTerms): string => {
  const mask = terms.netmask.split('.').map(Number);
  return terms.router
    .split('.')
    .map((octet, index) => Number(octet) & (mask[index] ?? 255))
    .join('.');
};
