/**
 * The node agent: looks at the document its node controller wrote, plans, brings the kernel, the DHCP server and the
 * neighbours there, and says what it has in force. Levels, not edges: every look compares the newest document with what was
 * done, so an event that is lost or doubled changes nothing. What it cannot use it refuses with a reason, and leaves the last
 * good state alone. When it ends, the rules stay.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, readIfThere } from '../../shared/atomicFile.ts';
import type { Agent, AgentSettings } from './agentModel.ts';
import { acceptedIn, emptyState, statusOf } from './agentState.ts';
import { type Desk, inspect, look, settlePorts, statusFile } from './agentWork.ts';
import { createEngines } from './engines.ts';
import { watchKernel } from './kernelWatch.ts';
import { readDrops, readTraffic } from './metering.ts';
import { every, type Watch, watchFile } from './watches.ts';

export { planFile, statusFile, versionFile } from './agentWork.ts';

/** Seconds between looks at the file beside what the system tells: a lost event must not last. */
const lookSeconds = 5;

export const createAgent = (settings: AgentSettings): Agent => {
  const state = emptyState();
  const complain = (problems: readonly string[]): void => {
    state.problems = [...state.problems, ...problems];
  };
  const engines = createEngines(settings, complain);
  const desk: Desk = { settings, engines, state };
  const watches: Watch[] = [];
  const turns = createTurns((error) => {
    state.problems = [`fault: ${error.message}`];
    state.seen = undefined;
    state.file = undefined;
  });
  const lookSoon = onceQueued(turns, () => look(desk));
  return {
    start: async () => {
      await ensureFolder(settings.statusFolder);
      // A node controller of Eucalyptus is another user and reads the gate file.
      await mkdir(join(settings.statusFolder, 'net'), { recursive: true, mode: 0o755 });
      if (settings.mode === 'kernel') {
        await takeUpStamp(desk);
        watches.push(...watchesOfKernel(desk, turns));
      } else {
        await takeUpStatus(desk);
      }
      watches.push(watchFile(settings.file, lookSoon), every(lookSeconds, lookSoon));
      await turns.take(() => look(desk));
    },
    stop: async () => {
      for (const watch of watches) watch.stop();
      await turns.end();
      await engines.clearance.end();
      await engines.dhcp?.stop();
      engines.announcer.stop();
      engines.shells.stop();
      engines.session.stop();
    },
    status: () => statusOf(state, settings, engines.dhcp?.answered() ?? 0),
    traffic: async () => (settings.mode === 'plan' ? [] : readTraffic(engines.tools, state.plan)),
    drops: async () => (settings.mode === 'plan' ? {} : readDrops(engines.tools)),
    inspect: () => turns.take(() => inspect(desk)),
    plan: () => state.plan,
  };
};

/** After a restart the rules in the kernel say which document they are. */
const takeUpStamp = async ({ engines, state }: Desk): Promise<void> => {
  const stamp = await engines.programmer.kernelStamp();
  if (stamp === undefined) return;
  const { serial: _, ...carried } = stamp;
  state.accepted = { stamp: carried };
  state.applied = carried;
};

/** Nothing in a kernel says what an agent that only plans has taken; its own last status does. */
const takeUpStatus = async ({ settings, state }: Desk): Promise<void> => {
  const bytes = await readIfThere(join(settings.statusFolder, statusFile));
  const stamp = bytes === undefined ? undefined : acceptedIn(bytes.toString());
  if (stamp !== undefined) state.accepted = { stamp };
};

const watchesOfKernel = (desk: Desk, turns: Turns): Watch[] => {
  const { settings, engines, state } = desk;
  const seconds = settings.driftSeconds ?? 60;
  const compare = (): void => void turns.take(() => inspect(desk));
  const stirred = new Set<string>();
  const settle = onceQueued(turns, () => {
    const ports = new Set(stirred);
    stirred.clear();
    return settlePorts(desk, ports);
  });
  const changed = {
    rules: compare,
    port: (port: string) => {
      stirred.add(port);
      settle();
    },
    portGone: (port: string) => void state.ports.delete(port),
  };
  const { tools, options, nft } = engines;
  return [
    watchKernel({ tools, options, commits: nft.commits, changed }),
    ...(seconds > 0 ? [every(seconds, compare)] : []),
  ];
};

type Turns = {
  /** Runs a piece of work after all before it; resolves when it is done, well or not. */
  readonly take: (work: () => Promise<void>) => Promise<void>;
  /** Resolves when the last is done; later ones are not run. */
  readonly end: () => Promise<void>;
};

/** One thing at a time; a fault of one is told, never the end of the others. */
const createTurns = (fault: (error: Error) => void): Turns => {
  let tail: Promise<void> = Promise.resolve();
  let isOver = false;
  return {
    take: (work) => {
      tail = tail.then(() => (isOver ? undefined : work().catch(fault)));
      return tail;
    },
    end: async () => {
      await tail;
      isOver = true;
    },
  };
};

/** Many calls before the work begins are one. */
const onceQueued = (turns: Turns, work: () => Promise<void>): (() => void) => {
  let isQueued = false;
  return () => {
    if (isQueued) return;
    isQueued = true;
    void turns.take(() => {
      isQueued = false;
      return work();
    });
  };
};
