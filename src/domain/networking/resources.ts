/**
 * What is asked of the networking service and what it gives (cloud spec 8.1). A request without value means any; with a value
 * it means exactly this one (restore).
 */

export type ResourceType = 'private-ip' | 'public-ip' | 'security-group' | 'private-network-index';

export type ResourceRequest = {
  readonly type: ResourceType;
  /** The instance it is for. */
  readonly ownerId: string;
  readonly value?: string;
};

export type ResourceGrant = ResourceRequest & { readonly value: string };
