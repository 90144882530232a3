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
