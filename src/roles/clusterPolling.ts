/**
 * How the cloud controller learns what a cluster of Eucalyptus does: it asks, as Eucalyptus does (cloud spec 9.4), and carries
 * the answers out as the same wishes that come in as reports over HTTP. Controllers of ours report by themselves and are not
 * asked; nor is a cluster about whose instances somebody else reports.
 */
import { randomUUID } from 'node:crypto';
import type { Ledger } from '../adapters/broadcast/ledger.ts';
import { createPoller, type Fault, type Poller } from '../adapters/polling/poller.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { createSoapClient, type SoapClient } from '../adapters/soap/client.ts';
import {
  addressesIn,
  instancesIn,
  isUnusable,
  modeIn,
  nodesIn,
  type Unusable,
} from '../adapters/soap/clusterReports.ts';
import type { Preamble, RequestKind, RequestOf, ResponseOf } from '../adapters/soap/messages.ts';
import { defaultXmlLimits } from '../adapters/soap/xmlTree.ts';
import type { Command } from '../domain/commands.ts';
import type { CommandContext } from '../domain/recorded.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import { activeNetworkIn } from '../projections/activeNetwork.ts';
import { settingsIn } from '../projections/documentInputs.ts';
import { wantsDocument } from '../projections/documents.ts';
import type { ClusterView, Network } from '../projections/network/views.ts';
import { houseContext } from './cloudCore.ts';
import { mayReach, servicesFor } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import type { Part } from './role.ts';
import type { WireKeys } from './wireKeys.ts';

export type ClusterPollingOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly now: () => number;
  readonly network: () => Network;
  /** Its controller is one of ours. */
  readonly reportsItself: (cluster: string) => boolean;
  /** It has taken a document, or said no to one in its own words: only then is it known whose its controller is. */
  readonly hasAnswered: (cluster: string) => boolean;
  /** When this process last heard which instances a cluster has, from whomever. */
  readonly lastHeard: (cluster: string) => number | undefined;
  readonly carryOut: (wish: Command) => Promise<object | Refusal>;
  readonly onTrouble: (cluster: string, faults: readonly Fault[] | undefined) => void;
};

/** Some kilobyte an instance: enough for twenty thousand, and no more than this process can bear. */
const LONGEST_ANSWER = 32 * 1024 * 1024;
const limits = { ...defaultXmlLimits, maxElements: 1_000_000 };

/** Nobody is asked for this; the message wants at least one. */
const anyType = { name: 'm1.small', memory: 256, cores: 1, disk: 5 };

/** Somebody else's report keeps us quiet this long. */
const ELSEWHERE_MS = 5 * 60_000;

/** Further questions to whom these happened would only wait for the same end. */
const gone: ReadonlySet<string> = new Set(['refused-connection', 'timeout', 'closed', 'no-key']);

type Silence = Unusable & { readonly isGone: boolean };

type Ask = <K extends RequestKind>(message: RequestOf<K>) => Promise<ResponseOf<K> | Silence>;

type Question = { readonly name: RequestKind; readonly put: () => Promise<Command | Unusable> };

const taken = <R extends object>(answer: R | Silence, meaning: (answer: R) => Command | Unusable) =>
  isUnusable(answer) ? answer : meaning(answer);

/** In the order of Eucalyptus, without what decides nothing here. */
const questionsTo = (cluster: string, isGeneric: boolean, common: Preamble, ask: Ask): readonly Question[] => {
  const addresses: Question = {
    name: 'DescribePublicAddresses',
    put: async () =>
      taken(await ask<'DescribePublicAddresses'>({ kind: 'DescribePublicAddresses', ...common }), (answer) =>
        addressesIn(cluster, answer),
      ),
  };
  return [
    ...(isGeneric ? [addresses] : []),
    {
      name: 'DescribeResources',
      put: async () => {
        const message = { kind: 'DescribeResources', ...common, instanceTypes: [anyType] } as const;
        return taken(await ask<'DescribeResources'>(message), (answer) => nodesIn(cluster, answer));
      },
    },
    {
      name: 'DescribeNetworks',
      put: async () =>
        taken(await ask<'DescribeNetworks'>({ kind: 'DescribeNetworks', ...common }), (answer) =>
          modeIn(cluster, answer),
        ),
    },
    {
      name: 'DescribeInstances',
      put: async () =>
        taken(await ask<'DescribeInstances'>({ kind: 'DescribeInstances', ...common }), (answer) =>
          instancesIn(cluster, answer),
        ),
    },
  ];
};

export const createClusterPolling = (options: ClusterPollingOptions): Poller => {
  const { settings, keys, now, network, carryOut } = options;
  const clients = new Map<string, SoapClient>();
  const reportedHere = new Map<string, number>();

  const clientOf = (name: string): SoapClient | string => {
    const known = clients.get(name);
    if (known !== undefined) return known;
    const end = keys.cloudSender(name);
    if (typeof end === 'string') return end;
    const mayConnect = mayReach(() => network().clusters[name]);
    const timeoutMs = settings.number('push-timeout-ms');
    const made = createSoapClient({ ...end, now, mayConnect, timeoutMs, limits, maxResponseBytes: LONGEST_ANSWER });
    clients.set(name, made);
    return made;
  };

  /** A report of somebody else's that came after ours, and not too long ago. */
  const isHeardElsewhere = (cluster: string): boolean => {
    const heard = options.lastHeard(cluster) ?? Number.NEGATIVE_INFINITY;
    return heard > (reportedHere.get(cluster) ?? Number.NEGATIVE_INFINITY) && now() - heard < ELSEWHERE_MS;
  };

  const isAsked = ({ name, state }: ClusterView): boolean =>
    state === 'enabled' &&
    !options.reportsItself(name) &&
    (options.hasAnswered(name) || !wantsDocument(network(), name)) &&
    !isHeardElsewhere(name);

  const askOf =
    (view: ClusterView, client: SoapClient, signal: AbortSignal): Ask =>
    async (message) => {
      const answer = await client.push(view.endpoint, message, { signal });
      if (answer.kind === 'failed') {
        return { unusable: `${answer.reason}: ${answer.detail}`, isGone: gone.has(answer.reason) };
      }
      if (answer.return) return answer.response;
      return { unusable: `it answered false: ${answer.statusMessage ?? 'no reason given'}`, isGone: false };
    };

  const carriedOut = async (cluster: string, wish: Command): Promise<string | undefined> => {
    const done = await carryOut(wish);
    if (wish.type === 'ReportInstances') reportedHere.set(cluster, options.lastHeard(cluster) ?? now());
    return isRefusal(done) ? `${done.refused}: ${done.detail}` : undefined;
  };

  const askAll = async (cluster: string, questions: readonly Question[]): Promise<readonly Fault[]> => {
    const faults: Fault[] = [];
    for (const { name, put } of questions) {
      const wish = await put();
      const reason = isUnusable(wish) ? wish.unusable : await carriedOut(cluster, wish);
      if (reason !== undefined) faults.push({ question: name, reason });
      if ('isGone' in wish && wish.isGone === true) return faults;
    }
    return faults;
  };

  const poller = createPoller(
    {
      clusters: () => Object.values(network().clusters).flatMap((view) => (isAsked(view) ? [view.name] : [])),
      everyMs: () => settingsIn(network())['cloud.cluster.enabledinterval'] * 1000,
      onTrouble: options.onTrouble,
      round: async (cluster, signal) => {
        const view = network().clusters[cluster];
        const client = clientOf(cluster);
        if (view === undefined) return [];
        if (typeof client === 'string') return [{ question: 'keys', reason: client }];
        const cloudAddress = settingsIn(network())['edgelog.clc_address'];
        const services = servicesFor(view, cloudAddress);
        const common = { correlationId: randomUUID(), userId: 'eucalyptus', epoch: network().epoch, services };
        const isGeneric = activeNetworkIn(network()) === 'generic';
        return askAll(cluster, questionsTo(cluster, isGeneric, common, askOf(view, client, signal)));
      },
    },
    now,
  );

  return {
    ...poller,
    stop: async () => {
      await poller.stop();
      for (const client of clients.values()) client.close();
    },
  };
};

/** Reasons of failed pushes that are a controller's own answer: one in another mode knows no documents (cloud spec 8.6). */
const spoke: ReadonlySet<string> = new Set(['fault', 'http-status', 'refused', 'garbage']);

export type PollingPartOptions = Pick<ClusterPollingOptions, 'settings' | 'keys' | 'now' | 'network' | 'lastHeard'> & {
  readonly journal: Journal;
  readonly ledger: Pick<Ledger, 'of' | 'delivered'>;
  /** The control plane's: a report is noted as heard like any other. */
  readonly execute: (wish: Command, context: CommandContext) => Promise<object | Refusal>;
};

/** As a part of the cloud controller, which starts it once commands can be carried out. */
export const clusterPollingPart = ({ journal, ledger, execute, ...known }: PollingPartOptions): Part => {
  const polling = createClusterPolling({
    ...known,
    reportsItself: (cluster) => ledger.of(cluster)?.reportsItself === true,
    hasAnswered: (cluster) =>
      ledger.delivered(cluster) !== undefined || spoke.has(ledger.of(cluster)?.lastFailure?.reason ?? ''),
    carryOut: (wish) => execute(wish, houseContext('poller', known.now())),
    onTrouble: (cluster, faults) =>
      faults === undefined
        ? journal.note('a cluster answers every question again', { cluster })
        : journal.note('a cluster was asked in vain', { cluster, faults }),
  });
  return {
    name: 'cluster polling',
    about: 'asks clusters whose controllers do not report by themselves for their networks, nodes and instances',
    start: async () => {
      polling.start();
      return [];
    },
    stop: polling.stop,
  };
};
