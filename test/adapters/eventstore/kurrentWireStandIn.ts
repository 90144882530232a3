/**
 * A KurrentDB server as far as the wire goes, on the client's own stubs: it proves our adapter against what we believe of the
 * server, not the server. Faults are its purpose: it can hang, fall silent, refuse, lose its answer, drop connections, lose
 * its newest records, and be without the newer ways of appending.
 */

import type { BreakableLink } from './breakableLink.ts';
import { openBreakableLink } from './breakableLink.ts';
import type { Context, StandInFaults } from './kurrentAppending.ts';
import { createFaults, onAppend, onBatchAppend, onRecords, onSession, statusFor } from './kurrentAppending.ts';
import type { KurrentLog } from './kurrentLogStandIn.ts';
import { createKurrentLog } from './kurrentLogStandIn.ts';
import type { ReadCall } from './kurrentReading.ts';
import { answerFeed, answerRead } from './kurrentReading.ts';
import type { features as featuresMessages, grpcModule, shared } from './kurrentStubs.ts';
import { featuresPb, grpc, services } from './kurrentStubs.ts';

export type StandInFeatures = { readonly batch: boolean; readonly session: boolean; readonly records: boolean };

export type KurrentStandIn = {
  readonly url: string;
  readonly log: KurrentLog;
  readonly faults: StandInFaults;
  readonly link: BreakableLink;
  /** Authorization headers of calls that had one. */
  readonly seenAuthorizations: ReadonlySet<string>;
  readonly close: () => Promise<void>;
};

const supportedMethods = (features: StandInFeatures) => {
  const method = (service: string, name: string) =>
    new featuresPb.SupportedMethod().setServiceName(service).setMethodName(name).setFeaturesList([]);
  const answer = new featuresPb.SupportedMethods().setEventStoreServerVersion('26.1.0-stand-in');
  if (features.batch) answer.addMethods(method('event_store.client.streams.Streams', 'batchappend'));
  if (features.session) answer.addMethods(method('kurrentdb.protocol.v2.streams.StreamsService', 'appendsession'));
  if (features.records) answer.addMethods(method('kurrentdb.protocol.v2.streams.StreamsService', 'appendrecords'));
  return answer;
};

type FeaturesCall = grpcModule.ServerUnaryCall<shared.Empty, featuresMessages.SupportedMethods>;

const onFeatures =
  (context: Context, features: StandInFeatures) =>
  (_: FeaturesCall, reply: grpcModule.sendUnaryData<featuresMessages.SupportedMethods>): void => {
    context.faults.asked.add('features');
    if (!context.faults.hanging.has('features')) reply(null, supportedMethods(features));
  };

const onRead =
  ({ log, faults, port }: Context) =>
  (call: ReadCall): void => {
    const follows = call.request.getOptions()?.hasSubscription() === true;
    const method = follows ? 'feed' : 'read';
    faults.asked.add(method);
    if (faults.hanging.has(method)) return;
    const refusal = faults.readRefusals.shift();
    if (refusal !== undefined) return void call.emit('error', statusFor(refusal, port()));
    if (follows) answerFeed(log, call, () => faults.silent);
    else answerRead(log, call);
  };

const createServer = (context: Context, features: StandInFeatures, seen: Set<string>): grpcModule.Server => {
  const note: grpcModule.ServerInterceptor = (_, call) =>
    new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            for (const value of metadata.get('authorization')) seen.add(String(value));
            proceed(metadata);
          },
        }),
    });
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, interceptors: [note] });
  server.addService(services.features, { getSupportedMethods: onFeatures(context, features) });
  server.addService(services.streams, {
    read: onRead(context),
    batchAppend: onBatchAppend(context),
    append: onAppend(context),
  });
  server.addService(services.streamsV2, { appendSession: onSession(context), appendRecords: onRecords(context) });
  return server;
};

export type StandInCertificate = { readonly key: Buffer; readonly certificate: Buffer };

const listen = (server: grpcModule.Server, own: StandInCertificate | undefined): Promise<number> =>
  new Promise((resolve, reject) => {
    const credentials =
      own === undefined
        ? grpc.ServerCredentials.createInsecure()
        : grpc.ServerCredentials.createSsl(null, [{ private_key: own.key, cert_chain: own.certificate }]);
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });

/** Starts on free ports of loopback, with the newest ways of appending unless told otherwise. */
export const startKurrentStandIn = async (
  features: Partial<StandInFeatures> = {},
  certificate?: StandInCertificate,
): Promise<KurrentStandIn> => {
  const log = createKurrentLog();
  const faults = createFaults();
  const seenAuthorizations = new Set<string>();
  let link: BreakableLink | undefined;
  const context: Context = { log, faults, drop: () => link?.drop(), port: () => link?.port() ?? 0 };
  const server = createServer(context, { batch: true, session: true, records: true, ...features }, seenAuthorizations);
  const opened = await openBreakableLink(await listen(server, certificate));
  link = opened;
  return {
    url: `kurrentdb://127.0.0.1:${opened.port()}?tls=false&discoveryInterval=10`,
    log,
    faults,
    link: opened,
    seenAuthorizations,
    close: async () => {
      await opened.close();
      server.forceShutdown();
    },
  };
};
