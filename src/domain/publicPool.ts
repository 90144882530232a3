/**
 * The public (elastic) addresses of the cloud: at most one holder, ownership by account, quota, and the state table of
 * cloud spec 5.2. The pool is defined by ranges; addresses without a record are unallocated.
 */

/** Owner `system` marks system-assigned addresses; otherwise an account number. */
export type PublicPoolEvent =
  | { readonly type: 'PublicPoolDefined'; readonly ranges: readonly string[] }
  | { readonly type: 'PublicAddressAllocated'; readonly address: string; readonly owner: string }
  | { readonly type: 'PublicAddressImpending'; readonly address: string; readonly instanceId: string }
  | {
      readonly type: 'PublicAddressAssigned';
      readonly address: string;
      readonly owner: string;
      readonly instanceId: string;
      readonly instanceAddress: string;
      readonly cluster: string;
      readonly pending: boolean;
    }
  /** The address is dirty in `cluster` (when it was really assigned there) until PublicAddressCleared. */
  | {
      readonly type: 'PublicAddressUnassigned';
      readonly address: string;
      readonly owner: string;
      readonly instanceId: string;
      readonly cluster: string;
      readonly pending: boolean;
    }
  /** Completes an assign or unassign whose message to the cluster was in flight (generic mode only). */
  | { readonly type: 'PublicAddressTransitionCompleted'; readonly address: string }
  | { readonly type: 'PublicAddressReleased'; readonly address: string; readonly owner: string }
  /** The dirty mark is gone: `cluster` has applied a newer version, was deregistered, or the operator or the limit said so. */
  | {
      readonly type: 'PublicAddressCleared';
      readonly address: string;
      readonly cluster: string;
      readonly cause: 'converged' | 'deregistered' | 'operator' | 'limit';
      readonly reason?: string;
    };
