/**
 * What open connections and forbidden ones notice of many re-programmings, and the frame a new instance asks with.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createLab } from '../test/lab/lab.ts';
import type { Row } from './agent.ts';

const round = (value: number): number => Math.round(value * 100) / 100;

/** An open connection through many re-programmings, and somebody who keeps trying what is forbidden. */
export const worstGap = async (quick: boolean, say: (row: Row) => void): Promise<void> => {
  const changes = quick ? 100 : 1000;
  const lab = await createLab();
  await lab.retune({});
  await lab.publish();
  const stream = async (name: string) => lab.puppet('client').tell('stream', { name, to: '203.0.113.50', port: 22 });
  const gapOf = async (name: string): Promise<number> => {
    const state = await lab.puppet('client').tell('stream_state', { name, stop: true });
    if (!state.ok) throw new Error(`the connection broke: ${state.error}`);
    return (state.worst ?? 0) * 1000;
  };
  await stream('busy');
  const begun = performance.now();
  await lab.puppet('client').tell('besiege', { name: 'siege', to: '203.0.113.50', port: 9999 });
  for (let index = 0; index < changes; index += 1) {
    await lab.publish(index % 2 === 0 ? { withoutRule: 'range from the client', elastic: { b2: '203.0.113.55' } } : {});
  }
  const busy = await gapOf('busy');
  const lasted = performance.now() - begun;
  const siege = await lab.puppet('client').tell('siege_state', { name: 'siege' });
  await stream('quiet');
  await pause(lasted);
  const quiet = await gapOf('quiet');
  say({
    name: 'worst gap of an open connection',
    n: changes,
    ms: round(busy),
    ratio: round(busy / quiet),
    of: `without changes, ${round(quiet)} ms`,
    target: 'at most 20 ms',
    met: busy <= 20,
  });
  say({
    name: `forbidden connections of ${siege.tries} tried`,
    n: changes,
    ms: siege.leaks ?? -1,
    ratio: 0,
    of: 'a count, not a time',
    target: '0',
    met: siege.leaks === 0,
  });
  await lab.close();
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
