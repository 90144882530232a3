/**
 * The addressing dispatcher (cloud spec 8.6): how a cluster learns that a public address was assigned or unassigned. SHORTCUT
 * (EDGE) sends nothing: the transition completes at once, the address goes dirty with it, and the next document says it.
 * STANDARD (generic) sends a message, and the transition stays in flight until the cluster has answered it. Pure; whoever
 * sends messages sends what `messageFor` says, again and again, until it is answered.
 */
import { networkMode } from './mode.ts';

export type AddressDispatch = {
  readonly dispatcher: 'SHORTCUT' | 'STANDARD';
  /** A transition stays in flight until its message is answered. */
  readonly awaitsAnswer: boolean;
  /** The network document carries the change. */
  readonly broadcasts: boolean;
};

export const addressDispatch = (network: 'EDGE' | 'generic'): AddressDispatch => {
  const { addressingDispatcher: dispatcher, interceptor } = networkMode({
    configured: network === 'EDGE',
    clusterReportsEdge: false,
  });
  return { dispatcher, awaitsAnswer: dispatcher === 'STANDARD', broadcasts: interceptor };
};

/** A transition in flight: what changed, for whom, and where. */
export type AddressInFlight = {
  readonly address: string;
  readonly change: 'assign' | 'unassign';
  readonly instanceId: string;
  readonly instanceAddress: string;
  readonly cluster: string;
};

/** What is to be done about a transition in flight; `wait` means that its cluster is not there at the moment. */
export type Dispatch =
  | { readonly kind: 'complete' }
  | { readonly kind: 'send'; readonly message: AddressMessage }
  | { readonly kind: 'wait' };

/**
 * `cluster` is the state of the change's cluster, undefined when it is gone: then nobody is left to be told. What was begun in
 * generic mode and is still in flight when EDGE is in force is carried by the documents from then on.
 */
export const dispatch = (
  change: AddressInFlight,
  network: 'EDGE' | 'generic',
  cluster: 'registered' | 'enabled' | 'disabled' | undefined,
): Dispatch => {
  if (!addressDispatch(network).awaitsAnswer || cluster === undefined) return { kind: 'complete' };
  return cluster === 'enabled' ? { kind: 'send', message: messageFor(change) } : { kind: 'wait' };
};

/** `source` is the public address, `dest` the private one. */
export type AddressMessage =
  | { readonly message: 'AssignAddress'; readonly cluster: string; readonly source: string; readonly dest: string }
  | { readonly message: 'UnassignAddress'; readonly cluster: string; readonly source: string; readonly dest: string };

export const messageFor = ({ address, change, instanceAddress, cluster }: AddressInFlight): AddressMessage => ({
  message: change === 'assign' ? 'AssignAddress' : 'UnassignAddress',
  cluster,
  source: address,
  dest: instanceAddress,
});
