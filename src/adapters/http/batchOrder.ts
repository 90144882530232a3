/**
 * Which commands of a batch must wait for which: commands about the same thing keep their order, others run side by side so
 * that one commit of the log can carry many of them. Things are the same when they are named by the same text; whoever names
 * one group by id here and by name there gets no promise about their order.
 */
import type { CommandType } from '../../domain/commands.ts';

/** `alone`: after everything before and before everything behind. */
export type Touches = 'alone' | { readonly changes: readonly string[]; readonly uses: readonly string[] };

type Input = {
  readonly account?: string;
  readonly cluster?: string;
  readonly address?: string;
  readonly instanceId?: string;
  readonly instanceIds?: readonly string[];
  readonly groupId?: string;
  readonly name?: string;
  readonly groups?: readonly unknown[];
};

const named = (kind: string, ...names: readonly (string | undefined)[]): readonly string[] =>
  names.filter((name) => name !== undefined).map((name) => `${kind}:${name.toLowerCase()}`);

const instances = (input: Input): readonly string[] =>
  named('instance', input.instanceId, ...(input.instanceIds ?? []));
const groups = (input: Input): readonly string[] => named('group', input.groupId, input.name);

/**
 * What a command changes and reads, so that those that have nothing in common may go at once; `alone`: it may concern
 * everything.
 */
export const touchesOf = (type: CommandType, input: Input): Touches => {
  switch (type) {
    case 'PostConfiguration':
    case 'ClearConfiguration':
    case 'ChangeProperty':
    case 'ChangeProperties':
    case 'ResetProperty':
    case 'RegisterCluster':
    case 'ResolveCluster':
    case 'EnableCluster':
    case 'DisableCluster':
    case 'DeregisterCluster':
    case 'ReportNodes':
    case 'ForgetNodes':
    case 'ReportMode':
    case 'ReportInstances':
    case 'ReportInstance':
    case 'ReportAddresses':
    case 'MissInstance':
    case 'RaiseEpoch':
    case 'DeleteSecurityGroup':
    case 'ExpireReservation':
    case 'ExpireImpending':
    case 'ExpireInstance':
      return 'alone';
    case 'AllocateAddress':
    case 'ReleaseAddress':
    case 'DisassociateAddress':
    case 'FreeAddress':
    case 'CompleteAddress':
    case 'ReclaimAddress':
    case 'AdoptAddress':
    case 'AssociateAddress':
      return { changes: [...named('address', input.address), ...instances(input)], uses: [] };
    case 'CreateSecurityGroup':
    case 'AuthorizeIngress':
    case 'RevokeIngress':
      return { changes: groups(input), uses: [] };
    case 'RunInstances':
      return { changes: instances(input), uses: named('group', ...((input.groups ?? []) as readonly string[])) };
    case 'AbortRun':
    case 'PlaceInstance':
    case 'MarkRunning':
    case 'StopInstance':
    case 'MarkStopped':
    case 'StartInstance':
    case 'TerminateInstance':
    case 'MarkTerminated':
      return { changes: instances(input), uses: [] };
  }
};

export type Sequencer = {
  readonly after: (touches: Touches) => Promise<unknown>[];
  readonly started: (touches: Touches, done: Promise<unknown>) => void;
};

/** Remembers what is under way by what it touches. Promises given to it must not reject. */
export const createSequencer = (): Sequencer => {
  const changing = new Map<string, Promise<unknown>>();
  const using = new Map<string, Promise<unknown>[]>();
  let running = new Set<Promise<unknown>>();
  let barrier: Promise<unknown> | undefined;
  const before = (key: string): readonly Promise<unknown>[] => {
    const change = changing.get(key);
    return change === undefined ? [] : [change];
  };
  return {
    after: (touches) => {
      if (touches === 'alone') return [...running, ...(barrier === undefined ? [] : [barrier])];
      const waits = touches.changes.flatMap((key) => [...before(key), ...(using.get(key) ?? [])]);
      return [...waits, ...touches.uses.flatMap(before), ...(barrier === undefined ? [] : [barrier])];
    },
    started: (touches, done) => {
      if (touches === 'alone') {
        barrier = done;
        changing.clear();
        using.clear();
        running = new Set();
        return;
      }
      running.add(done);
      for (const key of touches.changes) changing.set(key, done);
      for (const key of touches.changes) using.delete(key);
      for (const key of touches.uses) using.set(key, [...(using.get(key) ?? []), done]);
    },
  };
};
