/**
 * What open connections and forbidden ones notice of many re-programmings, and the frame a new instance asks with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createLab, type Lab } from '../test/lab/lab.ts';
import { createPuppet } from '../test/lab/puppet.ts';
import type { Scene } from '../test/lab/story.ts';
import { batch } from '../test/lab/world.ts';
import type { Row } from './agent.ts';

const round = (value: number): number => Math.round(value * 100) / 100;

const port = 4000;
const elastic = '203.0.113.50';
const aside = '203.0.113.210';

/** Two wires of the same length: through the node that is re-programmed, and past it, where no rule is. */
const layWires = (): void => {
  batch([
    'netns add aside',
    'link add name sw1-aside type veth peer name eth0 netns aside',
    'link set sw1-aside master sw1 up',
  ]);
  batch(['link set lo up', `addr add ${aside}/24 dev eth0`, 'link set eth0 up'], 'aside');
};

type Silence = { readonly worst: number; readonly long: number };
type Stream = { readonly silence: () => Promise<Silence>; readonly isFirst: boolean; readonly stop: () => void };

/** An open connection between two processes of its own, first in the queue for a processor where that is allowed. */
const openStream = async (to: string, namespace: string): Promise<Stream> => {
  const [server, client] = [createPuppet(namespace), createPuppet('client')];
  const hurried = [await server.tell('hurry'), await client.tell('hurry')];
  await server.tell('listen', { tcp_ports: [port] });
  const opened = await client.tell('stream', { name: 'stream', to, port });
  if (!opened.ok) throw new Error(`nobody answers at ${to}: ${opened.error}`);
  return {
    isFirst: hurried.every(({ ok }) => ok),
    silence: async () => {
      const state = await client.tell('stream_state', { name: 'stream', stop: true });
      if (!state.ok) throw new Error(`the connection to ${to} broke: ${state.error}`);
      return { worst: (state.worst ?? 0) * 1000, long: state.long ?? 0 };
    },
    stop: () => {
      server.stop();
      client.stop();
    },
  };
};

/** Processes that want a processor all the time. */
const burden = (count: number): ChildProcess[] =>
  Array.from({ length: count }, () => spawn('sh', ['-c', 'while :; do :; done']));

const gate: Scene = {
  extraRules: [['sg-web', { protocol: 6, low: port, high: port, source: { kind: 'cidr', cidr: '0.0.0.0/0' } }]],
};
/** A rule goes, an elastic address comes, an instance's groups change; and back. */
const other: Scene = {
  ...gate,
  withoutRule: 'range from the client',
  elastic: { b2: '203.0.113.55' },
  groups: { a2: ['sg-web', 'sg-misc'] },
};

export type Trial = { readonly changes: number; readonly burdens: number };

const trial = async (lab: Lab, { changes, burdens }: Trial, say: (row: Row) => void): Promise<void> => {
  const beside = burdens === 0 ? '' : `, ${burdens} busy processes beside`;
  const [through, past] = [await openStream(elastic, 'a1'), await openStream(aside, 'aside')];
  const busy = burden(burdens);
  await lab.puppet('client').tell('besiege', { name: 'siege', to: elastic, port: 9999 });
  for (let index = 0; index < changes; index += 1) await lab.publish(index % 2 === 0 ? other : gate);
  const siege = await lab.puppet('client').tell('siege_state', { name: 'siege' });
  const [gap, control] = [await through.silence(), await past.silence()];
  for (const one of busy) one.kill('SIGKILL');
  for (const one of [through, past]) one.stop();
  const place = through.isFirst ? '' : ', in line with everybody';
  say({
    name: `worst gap of an open connection${beside}`,
    n: changes,
    ms: round(gap.worst),
    ratio: round(gap.worst / control.worst),
    of: `a wire past the node at the same time, ${round(control.worst)} ms; over 20 ms ${gap.long} to ${control.long} times${place}`,
    target: 'at most 20 ms',
    met: gap.worst <= 20,
  });
  say({
    name: `forbidden connections of ${siege.tries} tried${beside}`,
    n: changes,
    ms: siege.leaks ?? -1,
    ratio: 0,
    of: 'a count, not a time',
    target: '0',
    met: siege.leaks === 0,
  });
};

/** Open connections through many re-programmings, and somebody who keeps trying what is forbidden. */
export const worstGap = async (trials: readonly Trial[], say: (row: Row) => void): Promise<void> => {
  const lab = await createLab();
  try {
    await lab.retune({});
    layWires();
    await lab.publish(gate);
    for (const one of trials) await trial(lab, one, say);
  } finally {
    await lab.close();
  }
};

/** A whole frame as hex: a DISCOVER of this MAC that wants a broadcast. */
export const discoverFrame = (mac: string): string => {
  const message = Buffer.alloc(300);
  message.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0x80, 0]);
  Buffer.from(mac.replaceAll(':', ''), 'hex').copy(message, 28);
  message.set([99, 130, 83, 99, 53, 1, 1, 255], 236);
  const udp = Buffer.concat([Buffer.from([0, 68, 0, 67, 0x01, 0x34, 0, 0]), message]);
  const head = Buffer.from([0x45, 0, 0x01, 0x48, 0, 1, 0, 0, 64, 17, 0x79, 0xa5, 0, 0, 0, 0, 255, 255, 255, 255]);
  return `ffffffffffff${mac.replaceAll(':', '')}0800${Buffer.concat([head, udp]).toString('hex')}`;
};
