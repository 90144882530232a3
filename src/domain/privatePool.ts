/**
 * The private addresses of the cloud: an address has at most one holder; released is not free. One stream for the whole
 * cloud, because the invariant is cloud-wide (cloud spec 4.1: clusters may share a subnet and then share its pool).
 * Free addresses have no record: candidates come lazily from the cluster's ranges, so a pool may be as large as IPv4.
 */

export type PrivateReleaseCause = 'released' | 'aborted' | 'expired' | 'forced';

/** NB these types and names are the storage format: version them with care. `reservation` names one holding of one address. */
export type PrivatePoolEvent =
  | {
      readonly type: 'PrivateAddressReserved';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
    }
  | {
      readonly type: 'PrivateAddressAssociated';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
    }
  | {
      readonly type: 'PrivateAddressReleased';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
      readonly cause: PrivateReleaseCause;
    }
  /** Every cluster that could mention the address has passed its release (or an operator said so): it may be handed out again. */
  | {
      readonly type: 'PrivateAddressFreed';
      readonly address: string;
      readonly reservation: string;
      readonly cause: 'converged' | 'operator';
      readonly reason?: string;
    };
