/**
 * The KurrentDB client's own generated gRPC stubs, for the wire stand-in: what the client sends is read with the very
 * definitions it was written with. They are CommonJS without an export map, hence the `require`.
 */
import { createRequire } from 'node:module';
import type * as grpcModule from '@grpc/grpc-js';
import type * as features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import type * as shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import type * as status from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import type * as streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type * as errorsV2 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import type * as streamsV2 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type * as any from 'google-protobuf/google/protobuf/any_pb.js';
import type * as empty from 'google-protobuf/google/protobuf/empty_pb.js';

const require = createRequire(import.meta.url);
const clientRequire = createRequire(require.resolve('@kurrent/kurrentdb-client'));
const generated = (path: string): unknown =>
  require(`@kurrent/kurrentdb-client/generated/kurrentdb/protocols/${path}.js`);

type Service = grpcModule.ServiceDefinition;

export const grpc = clientRequire('@grpc/grpc-js') as typeof grpcModule;
export const featuresPb = generated('v1/serverfeatures_pb') as typeof features;
export const sharedPb = generated('v1/shared_pb') as typeof shared;
export const statusPb = generated('v1/status_pb') as typeof status;
export const streamsPb = generated('v1/streams_pb') as typeof streams;
export const errorsV2Pb = generated('v2/streams/errors_pb') as typeof errorsV2;
export const streamsV2Pb = generated('v2/streams/streams_pb') as typeof streamsV2;
export const anyPb = clientRequire('google-protobuf/google/protobuf/any_pb.js') as typeof any;

export const emptyPb = clientRequire('google-protobuf/google/protobuf/empty_pb.js') as typeof empty;

export const services = {
  streams: (generated('v1/streams_grpc_pb') as { StreamsService: Service }).StreamsService,
  features: (generated('v1/serverfeatures_grpc_pb') as { ServerFeaturesService: Service }).ServerFeaturesService,
  streamsV2: (generated('v2/streams/streams_grpc_pb') as { StreamsServiceService: Service }).StreamsServiceService,
};

export type { features, grpcModule, shared, status, streams, streamsV2 };
