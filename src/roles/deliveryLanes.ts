/** Which lanes a process uses, by its setting: its own, or those on Redis that several processes share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFallbackLanes } from '../adapters/broadcast/fallbackLanes.ts';
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import type { LaneSight, Lanes } from '../adapters/broadcast/lanes.ts';
import { isRedisAddressFault, readRedisAddress, unsafeRedis } from '../adapters/broadcast/redisAddress.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { Journal } from './journal.ts';
import { StartRefused } from './role.ts';

export type SharedLanes = {
  readonly look: (cluster: string) => Promise<LaneSight | undefined>;
  /** Answers one cluster in this process although the lanes seem well. */
  readonly insist: (cluster: string) => void;
  /** Shows the queue to administrators, mounted at `path`. */
  readonly board: (path: string) => (request: IncomingMessage, response: ServerResponse) => void;
};

export type DeliveryLanes = {
  readonly lanes: Lanes;
  /** Undefined for lanes of this process alone. */
  readonly shared: SharedLanes | undefined;
};

export type DeliveryLanesOptions = {
  readonly settings: Settings;
  readonly journal: Journal;
  /** `nudges`: a control plane that leaves the answers to workers while it can. */
  readonly use: 'nudges' | 'answers' | 'both';
};

const addressIn = (settings: Settings) => {
  const address = readRedisAddress(settings.text('lanes'));
  if (isRedisAddressFault(address)) throw new StartRefused(address.problem);
  const unsafe = unsafeRedis(address);
  if (unsafe !== undefined && !settings.flag('insecure')) throw new StartRefused(`Refusing to use ${unsafe}.`);
  return address;
};

/**
 * Throws StartRefused for settings that cannot work. A Redis that is away at start is no reason not to start: control planes
 * deliver by themselves meanwhile, workers wait for it.
 */
export const openDeliveryLanes = async ({ settings, journal, use }: DeliveryLanesOptions): Promise<DeliveryLanes> => {
  if (settings.text('lanes') === 'in-process') {
    if (use !== 'answers') return { lanes: createInProcessLanes(), shared: undefined };
    throw new StartRefused(
      'A worker answers nudges that come through Redis. Say where it is: --lanes redis://HOST:PORT',
    );
  }
  const address = addressIn(settings);
  const { openBullmqLanes } = await import('../adapters/broadcast/bullmqLanes.ts');
  const here = createInProcessLanes();
  const others = await openBullmqLanes({
    ...{ address, cloud: settings.text('cloud'), answers: use !== 'nudges', onLost: here.nudge },
    onHealth: ({ ok, detail }) => journal.note(ok ? 'the lanes are well' : 'the lanes are not well', { detail }),
  });
  const { createBoard } = await import('../adapters/broadcast/bullmqBoard.ts');
  const shared = { look: others.look, board: (path: string) => createBoard(others.queue, path) };
  if (use === 'answers') return { lanes: others, shared: { ...shared, insist: () => undefined } };
  const lanes = createFallbackLanes(others, here);
  return { lanes, shared: { ...shared, insist: lanes.insist } };
};
