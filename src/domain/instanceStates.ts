/** The states of an instance: code and name as the API shows them, and what each means for the network (cloud spec 7.6). */

export type InstanceState = 'PENDING' | 'RUNNING' | 'SHUTTING_DOWN' | 'STOPPING' | 'STOPPED' | 'TERMINATED' | 'BURIED';

/** Code and name as the API of Eucalyptus 4.0 shows them, and what the state means for the network (cloud spec 7.6). */
export type StateFacts = {
  readonly code: number;
  readonly displayName: string;
  readonly inDocument: boolean;
  readonly holdsPrivateAddress: boolean;
  readonly mayHoldPublicAddress: boolean;
  readonly holdsMembership: boolean;
};

const facts = (
  code: number,
  displayName: string,
  flags: readonly [boolean, boolean, boolean, boolean],
): StateFacts => ({
  code,
  displayName,
  inDocument: flags[0],
  holdsPrivateAddress: flags[1],
  mayHoldPublicAddress: flags[2],
  holdsMembership: flags[3],
});

export const stateFacts: { readonly [S in InstanceState]: StateFacts } = {
  PENDING: facts(0, 'pending', [true, true, true, true]),
  RUNNING: facts(16, 'running', [true, true, true, true]),
  SHUTTING_DOWN: facts(32, 'shutting-down', [true, true, false, true]),
  STOPPING: facts(64, 'stopping', [true, true, false, true]),
  STOPPED: facts(80, 'stopped', [false, false, false, true]),
  TERMINATED: facts(48, 'terminated', [false, false, false, false]),
  BURIED: facts(128, 'terminated', [false, false, false, false]),
};

export const isLive = (state: InstanceState | undefined): boolean =>
  state !== undefined && stateFacts[state].inDocument;
