/**
 * Gratuitous ARP: tells the neighbours on a wire that an address is answered here now, so that an elastic address which
 * moved between nodes does not stay in their caches. The frame is built here and sent as it is; the address need not be
 * configured on the interface.
 */
import type { Announcement } from '../../../projections/plan/afterwards.ts';
import type { RunTool } from './shells.ts';
import { firstLine, type Tools } from './tool.ts';

const broadcast = Buffer.alloc(6, 0xff);

const octets = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** An ARP request for its own address, from `mac` to everybody: 42 octets. */
export const gratuitousArp = (address: string, mac: string): Buffer => {
  const sender = Buffer.from(mac.replaceAll(':', ''), 'hex');
  const ip = octets(address);
  const head = Buffer.from([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1]);
  return Buffer.concat([broadcast, sender, head, sender, ip, Buffer.alloc(6), ip]);
};

type Hands = { readonly tools: Tools; readonly run: RunTool };

const deviceMac = async ({ tools, run }: Hands, device: string): Promise<string | undefined> => {
  const result = await run(tools.ip, ['-o', 'link', 'show', 'dev', device]);
  return /link\/ether ([0-9a-f:]{17})/.exec(`${result.stdout}${result.stderr}`)?.[1];
};

/** A neighbour that has just learnt an entry ignores another for a second (its lock time), so all is said again later. */
const againMs = 1500;

export type Announcer = {
  /** Says it now and once more; resolves with what went wrong the first time. */
  readonly announce: (announcements: readonly Announcement[]) => Promise<string[]>;
  readonly stop: () => void;
};

export const createAnnouncer = (hands: Hands): Announcer => {
  const timers = new Set<NodeJS.Timeout>();
  return {
    announce: async (announcements) => {
      if (announcements.length === 0) return [];
      const timer = setTimeout(() => {
        timers.delete(timer);
        void announce(hands, announcements);
      }, againMs);
      timers.add(timer.unref());
      return announce(hands, announcements);
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

const octal = (frame: Buffer): string => [...frame].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/** Says so once for each address. A wire that is not there is not an error: there is nobody to tell. */
const announce = async (hands: Hands, announcements: readonly Announcement[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const device of new Set(announcements.map((one) => one.device))) {
    const mac = await deviceMac(hands, device);
    if (mac === undefined) continue;
    const commands = announcements
      .filter((one) => one.device === device)
      .map(
        ({ address }) =>
          `printf "${octal(gratuitousArp(address, mac))}" | ${hands.tools.socat} -u STDIN INTERFACE:${device}`,
      );
    const result = await hands.run('sh', ['-c', commands.join(' && ')]);
    if (result.code !== 0) problems.push(`announcing on ${device}: ${firstLine(result)}`);
  }
  return problems;
};
