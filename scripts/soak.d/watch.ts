/** Looks at what must hold at every moment: the order of the documents on each node, no address twice in one, memory. */
import { readFile } from 'node:fs/promises';
import type { World } from './world.ts';

type Order = { readonly epoch: number; readonly position: number };

/** Undefined for a file that is not there, or not one of ours. */
export const orderIn = (text: string): Order | undefined => {
  const head = text.slice(0, 600);
  const epoch = / epoch="(\d+)"/.exec(head)?.[1];
  const position = / position="(\d+)"/.exec(head)?.[1];
  return epoch === undefined || position === undefined
    ? undefined
    : { epoch: Number(epoch), position: Number(position) };
};

/** Addresses that more than one instance of a document holds. */
export const sharedAddresses = (text: string): readonly string[] => {
  const holders = new Map<string, string>();
  const shared: string[] = [];
  for (const [, id = '', body = ''] of text.matchAll(/<instance name="([^"]+)">([\s\S]*?)<\/instance>/g)) {
    const held = new Set([...body.matchAll(/<(?:private|public)Ip>([\d.]+)<\//g)].map(([, address = '']) => address));
    for (const address of held) {
      const other = holders.get(address);
      if (other !== undefined) shared.push(`${address} is held by ${other} and ${id}`);
      holders.set(address, id);
    }
  }
  return shared;
};

export type Watch = {
  readonly findings: ReadonlySet<string>;
  /** Most resident memory seen per role, MiB. */
  readonly memory: ReadonlyMap<string, number>;
  readonly documents: () => number;
  readonly stop: () => Promise<void>;
};

const LOOK_EVERY_MS = 100;

const residentMib = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
};

export const watchWorld = ({ clusters, fileOf, members }: World): Watch => {
  const findings = new Set<string>();
  const memory = new Map<string, number>();
  const newest = new Map<string, Order>();
  let documents = 0;
  let isOver = false;

  const lookAt = async (node: string): Promise<void> => {
    const text = await readFile(fileOf(node), 'utf8').catch(() => '');
    const order = orderIn(text);
    if (order === undefined) return;
    const known = newest.get(node);
    const grown = known === undefined ? 1 : order.epoch - known.epoch || order.position - known.position;
    if (grown === 0) return;
    newest.set(node, order);
    documents += 1;
    if (grown < 0) findings.add(`${node} went back from ${JSON.stringify(known)} to ${JSON.stringify(order)}`);
    if (!text.trimEnd().endsWith('</network-data>')) findings.add(`${node} had a document that was cut off`);
    for (const shared of sharedAddresses(text)) findings.add(`${node} at ${order.position}: ${shared}`);
  };

  const weigh = async (): Promise<void> => {
    for (const member of members) {
      const pid = member.process()?.child.pid;
      if (pid === undefined) continue;
      memory.set(member.role, Math.max(memory.get(member.role) ?? 0, await residentMib(pid)));
    }
  };

  const run = async (): Promise<void> => {
    for (let round = 0; !isOver; round += 1) {
      await Promise.all([...clusters.values()].flat().map(lookAt));
      if (round % 10 === 0) await weigh();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const running = run();
  return {
    findings,
    memory,
    documents: () => documents,
    stop: async () => {
      isOver = true;
      await running;
    },
  };
};
