/**
 * The messages of both hops as plain data, named after their body elements: what the control plane says to a cluster
 * controller, what that says to a node controller, and the answers (node spec 1.2, cloud spec 9.2). Absent members are
 * absent, never null. This file must hold no bytes and no XML: writing is `envelope.ts`, reading is `messageReader.ts`.
 */

/**
 * A stretch of text that is already bytes, or still a string. Base64 of a document travels as a list of these and is
 * never joined: a document is a list of shared buffers.
 */
export type Piece = Uint8Array | string;

/** One entry of the topology lists. C receivers keep 16 entries a list, 8 uris of 511 characters each. */
export type ServiceEntry = {
  readonly partition?: string;
  readonly type: string;
  readonly name: string;
  readonly uris?: readonly string[];
};

/** The leading children every message may have, in schema order. */
export type Preamble = {
  readonly correlationId?: string;
  readonly userId?: string;
  readonly statusMessage?: string;
  readonly return?: boolean;
  /** Signed 32 bit; a controller keeps the lists of the greatest epoch it has seen. */
  readonly epoch?: number;
  readonly services?: readonly ServiceEntry[];
  readonly disabledServices?: readonly ServiceEntry[];
  readonly notreadyServices?: readonly ServiceEntry[];
  /** Host part of the node controller's address; only from cluster controller to node. */
  readonly nodeName?: string;
};

/** `networkInfo`: base64 text of the document, standard alphabet, one line; an empty list is a missing element. */
export type BroadcastNetworkInfo = Preamble & {
  readonly kind: 'BroadcastNetworkInfo';
  /** Eight hex digits; left out towards a controller of 4.0. */
  readonly version?: string;
  readonly appliedVersion?: string;
  readonly networkInfo: readonly Piece[];
};
export type BroadcastNetworkInfoResponse = Preamble & { readonly kind: 'BroadcastNetworkInfoResponse' };

export type NcBroadcastNetworkInfo = Preamble & {
  readonly kind: 'ncBroadcastNetworkInfo';
  readonly networkInfo: readonly Piece[];
};
export type NcBroadcastNetworkInfoResponse = Preamble & { readonly kind: 'ncBroadcastNetworkInfoResponse' };

/** `source` is the public address, `dest` the private one. Not sent in EDGE mode. */
export type AssignAddress = Preamble & {
  readonly kind: 'AssignAddress';
  readonly uuid?: string;
  readonly source: string;
  readonly dest: string;
};
export type AssignAddressResponse = Preamble & { readonly kind: 'AssignAddressResponse' };

export type UnassignAddress = Preamble & {
  readonly kind: 'UnassignAddress';
  readonly source: string;
  readonly dest: string;
};
export type UnassignAddressResponse = Preamble & { readonly kind: 'UnassignAddressResponse' };

export type DescribeNetworks = Preamble & {
  readonly kind: 'DescribeNetworks';
  readonly vmsubdomain?: string;
  readonly nameserver?: string;
  readonly clusterControllers?: readonly string[];
};

export type ActiveNetwork = {
  readonly uuid?: string;
  readonly vlan?: number;
  readonly netName?: string;
  readonly userName?: string;
  readonly activeAddrs?: readonly string[];
};

export type DescribeNetworksResponse = Preamble & {
  readonly kind: 'DescribeNetworksResponse';
  readonly useVlans?: number;
  /** `EDGE`, `MANAGED`, ...: what decides which networking implementation is active (cloud spec 8.2). */
  readonly mode?: string;
  readonly addrsPerNet?: number;
  readonly addrIndexMin?: number;
  readonly addrIndexMax?: number;
  readonly vlanMin?: number;
  readonly vlanMax?: number;
  readonly vnetSubnet?: string;
  readonly vnetNetmask?: string;
  readonly activeNetworks?: readonly ActiveNetwork[];
};

/** What a cluster could still run, which decides nothing here; its answer is the only one that lists idle nodes. */
export type DescribeResources = Preamble & {
  readonly kind: 'DescribeResources';
  /** At least one: a C receiver takes no empty list. */
  readonly instanceTypes: readonly VmType[];
};

export type VmType = { readonly name: string; readonly memory: number; readonly cores: number; readonly disk: number };

export type DescribeResourcesResponse = Preamble & {
  readonly kind: 'DescribeResourcesResponse';
  readonly resources?: readonly object[];
  readonly serviceTags?: readonly string[];
  /** `serviceTag`: URL of the node controller; its host part is the node's name (cloud spec 2.3). */
  readonly nodes?: readonly { readonly serviceTag?: string }[];
};

export type DescribePublicAddresses = Preamble & { readonly kind: 'DescribePublicAddresses' };

export type DescribePublicAddressesResponse = Preamble & {
  readonly kind: 'DescribePublicAddressesResponse';
  /** Empty in EDGE mode. */
  readonly addresses?: readonly {
    readonly uuid?: string;
    readonly sourceAddress?: string;
    readonly destAddress?: string;
  }[];
};

export type DescribeInstances = Preamble & {
  readonly kind: 'DescribeInstances';
  readonly instanceIds?: readonly string[];
};

export type InstanceReport = {
  readonly instanceId: string;
  readonly stateName?: string;
  readonly netParams?: {
    readonly privateMacAddress?: string;
    readonly privateIp?: string;
    readonly publicIp?: string;
    readonly vlan?: number;
    readonly networkIndex?: number;
  };
  readonly serviceTag?: string;
  readonly ownerId?: string;
  readonly accountId?: string;
  readonly groupNames?: readonly string[];
};

export type DescribeInstancesResponse = Preamble & {
  readonly kind: 'DescribeInstancesResponse';
  readonly instances?: readonly InstanceReport[];
};

export type SoapRequest =
  | BroadcastNetworkInfo
  | NcBroadcastNetworkInfo
  | AssignAddress
  | UnassignAddress
  | DescribeNetworks
  | DescribeResources
  | DescribePublicAddresses
  | DescribeInstances;

export type SoapResponse =
  | BroadcastNetworkInfoResponse
  | NcBroadcastNetworkInfoResponse
  | AssignAddressResponse
  | UnassignAddressResponse
  | DescribeNetworksResponse
  | DescribeResourcesResponse
  | DescribePublicAddressesResponse
  | DescribeInstancesResponse;

export type SoapMessage = SoapRequest | SoapResponse;
export type MessageKind = SoapMessage['kind'];
export type RequestKind = SoapRequest['kind'];

export type RequestOf<K extends RequestKind> = Extract<SoapRequest, { kind: K }>;
export type ResponseOf<K extends RequestKind> = Extract<SoapResponse, { kind: `${K}Response` }>;

/**
 * The plain answer to a push: correlation id and user echoed, then the verdict. A node says `0` with true and `2` with
 * false, a cluster controller nothing with true and `ERROR` with false (node spec 1.2).
 */
export const answerTo = (request: BroadcastNetworkInfo, returned: boolean): BroadcastNetworkInfoResponse => ({
  kind: 'BroadcastNetworkInfoResponse',
  ...echoOf(request),
  ...(returned ? {} : { statusMessage: 'ERROR' }),
  return: returned,
});

/** See `answerTo`. */
export const nodeAnswerTo = (request: NcBroadcastNetworkInfo, returned: boolean): NcBroadcastNetworkInfoResponse => ({
  kind: 'ncBroadcastNetworkInfoResponse',
  ...echoOf(request),
  statusMessage: returned ? '0' : '2',
  return: returned,
});

const echoOf = ({ correlationId, userId }: Preamble): Preamble => ({
  ...(correlationId === undefined ? {} : { correlationId }),
  ...(userId === undefined ? {} : { userId }),
});
