/**
 * The generic (legacy) implementation's resources: a network tag (VLAN) per security group and an index per instance in it
 * (cloud spec 8.4). Stream `networkTags-<cloud>`. Unused in EDGE.
 */

export type NetworkTagsEvent =
  | { readonly type: 'NetworkTagReserved'; readonly groupId: string; readonly tag: number }
  | { readonly type: 'NetworkTagReleased'; readonly groupId: string; readonly tag: number }
  | {
      readonly type: 'NetworkIndexReserved';
      readonly groupId: string;
      readonly tag: number;
      readonly index: number;
      readonly instanceId: string;
    }
  | {
      readonly type: 'NetworkIndexReleased';
      readonly groupId: string;
      readonly tag: number;
      readonly index: number;
      readonly instanceId: string;
    };
