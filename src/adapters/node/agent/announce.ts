/**
 * Gratuitous ARP: tells the neighbours on a wire that an address is answered here now, so that an elastic address which
 * moved between nodes does not stay in their caches. The frame is built here and sent as it is; the address need not be
 * configured on the interface.
 */
import type { Announcement } from '../../../projections/plan/afterwards.ts';
import { runTool, type Tools } from './tool.ts';

const broadcast = Buffer.alloc(6, 0xff);

const octets = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** An ARP request for its own address, from `mac` to everybody: 42 octets. */
export const gratuitousArp = (address: string, mac: string): Buffer => {
  const sender = Buffer.from(mac.replaceAll(':', ''), 'hex');
  const ip = octets(address);
  const head = Buffer.from([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1]);
  return Buffer.concat([broadcast, sender, head, sender, ip, Buffer.alloc(6), ip]);
};

const deviceMac = async (tools: Tools, device: string): Promise<string | undefined> => {
  const result = await runTool(tools.ip, ['-j', 'link', 'show', 'dev', device]);
  if (result.code !== 0) return undefined;
  const [link] = JSON.parse(result.stdout) as { address?: string }[];
  return link?.address;
};

/** A neighbour that has just learnt an entry ignores another for a second (its lock time), so all is said again later. */
const againMs = 1500;

export const announceTwice = async (tools: Tools, announcements: readonly Announcement[]): Promise<string[]> => {
  const problems = await announce(tools, announcements);
  if (announcements.length > 0) {
    setTimeout(() => void announce(tools, announcements), againMs).unref();
  }
  return problems;
};

/** Says so once for each address. A wire that is not there is not an error: there is nobody to tell. */
export const announce = async (tools: Tools, announcements: readonly Announcement[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const device of new Set(announcements.map((one) => one.device))) {
    const mac = await deviceMac(tools, device);
    if (mac === undefined) continue;
    for (const { address } of announcements.filter((one) => one.device === device)) {
      const frame = gratuitousArp(address, mac);
      const result = await runTool(tools.socat, ['-u', 'STDIN', `INTERFACE:${device}`], { input: frame });
      if (result.code !== 0) problems.push(`announcing ${address} on ${device}: ${result.stderr.trim()}`);
    }
  }
  return problems;
};
