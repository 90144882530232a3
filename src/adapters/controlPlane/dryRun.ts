/**
 * What a command would do, without doing it: the events it would make, and for a configuration also its impact on what is in
 * use, the size of the document before and after, and a token that is good while nothing it rests on has changed.
 */
import type { Command } from '../../domain/commands.ts';
import { configurationImpact } from '../../domain/configuration/impact.ts';
import { type ResolutionDefaults, resolveConfiguration } from '../../domain/configuration/resolve.ts';
import { configurationWarnings } from '../../domain/configuration/warnings.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Executor } from '../../domain/execute.ts';
import type { CommandContext, Recorded } from '../../domain/recorded.ts';
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { Surroundings } from '../../domain/wishes/scene.ts';
import { resolvedIn, settingsIn } from '../../projections/documentInputs.ts';
import type { ClusterDocument } from '../../projections/documents.ts';
import { advance } from '../../projections/network/runner.ts';
import type { Network } from '../../projections/network/views.ts';

export type DryRunPorts = {
  readonly executor: Executor;
  readonly surroundings: Surroundings;
  readonly network: () => Network;
  readonly documentAt: (network: Network, cluster: string) => ClusterDocument | undefined;
  /** See worldToken: the same while nothing a configuration's dry run rests on has changed. */
  readonly token: (context: CommandContext) => Promise<string>;
};

/** The events as they would be recorded next. */
const recorded = (
  events: readonly DomainEvent[],
  after: Network,
  context: CommandContext,
): readonly Recorded<DomainEvent>[] =>
  events.map((event, i) => ({
    event,
    id: `${context.commandId}/${i}`,
    stream: '',
    revision: 0,
    position: after.position + 1 + i,
    time: context.at,
    actor: context.actor,
    correlationId: context.correlationId,
    causationId: context.commandId,
    commandId: context.commandId,
  }));

const defaultsOf = (network: Network): ResolutionDefaults => {
  const settings = settingsIn(network);
  return {
    instanceSubdomain: settings['cloud.vmstate.instance_subdomain'],
    nameservers: settings['system.dns.nameserveraddress'],
    macPrefix: settings['cloud.vmstate.mac_prefix'],
  };
};

const bytesOf = (ports: DryRunPorts, network: Network): number | null => {
  for (const cluster of Object.keys(network.clusters)) {
    const document = ports.documentAt(network, cluster);
    if (document !== undefined) return document.byteLength;
  }
  return null;
};

const impactOf = (ports: DryRunPorts, before: Network, after: Network) => {
  const registered = Object.keys(before.clusters).sort();
  const members = after.configuration?.members;
  return configurationImpact({
    before: resolvedIn(before),
    after: resolveConfiguration(members, registered, defaultsOf(after)),
    privateHeld: ports.surroundings.privateUses(),
    publicHeld: ports.surroundings.publicUses(),
    registered,
    warnings: members === undefined ? [] : configurationWarnings(members, registered),
  });
};

export const createDryRun =
  (ports: DryRunPorts) =>
  async (command: Command, context: CommandContext): Promise<{ readonly [member: string]: unknown } | Refusal> => {
    const before = ports.network();
    const rehearsed = await ports.executor.rehearse(command, context);
    if (isRefusal(rehearsed)) return rehearsed;
    const after = advance(before, recorded(rehearsed.events, before, context));
    const isConfiguration = command.type === 'PostConfiguration' || command.type === 'ClearConfiguration';
    return {
      dryRun: true,
      changed: rehearsed.events.length > 0,
      events: rehearsed.events,
      ...(isConfiguration ? impactOf(ports, before, after) : {}),
      documentBytes: { before: bytesOf(ports, before), after: bytesOf(ports, after) },
      token: await ports.token(context),
    };
  };
