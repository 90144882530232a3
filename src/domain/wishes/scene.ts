/**
 * What every wish finds when it is decided: the unit of work, the cloud it belongs to, what the read model knows (used only
 * where no invariant hangs on it), and the values in force that follow from configuration and properties.
 */
import { configurationAggregate } from '../configuration/aggregate.ts';
import { type ResolvedConfiguration, resolveConfiguration } from '../configuration/resolve.ts';
import type { GroupSettings } from '../groupSettings.ts';
import { networkMode } from '../networking/mode.ts';
import { type EffectiveProperties, effective, type SetProperties } from '../properties.ts';
import type { Refusal } from '../refusals.ts';
import type { Unit } from '../transact.ts';

/** What a wish answers when it is not refused: plain JSON for whoever asked. */
export type Result = { readonly [member: string]: unknown };
export type Outcome = Result | Refusal;

/** `cluster` and `instanceId` are absent for a public address that is only allocated. */
export type UseOfAddress = { readonly address: string; readonly cluster?: string; readonly instanceId?: string };

/** What the read model knows. It may lag behind by what is being stored this moment. */
export type Surroundings = {
  readonly cloud: string;
  /** Registered clusters in code unit order. */
  readonly registeredClusters: () => readonly string[];
  /** Instances of the cluster that are stopping or shutting down. */
  readonly leavingIn: (cluster: string) => readonly string[];
  readonly privateUses: () => readonly UseOfAddress[];
  readonly publicUses: () => readonly UseOfAddress[];
  /** Latest network mode any cluster reported. */
  readonly reportedMode: () => string | undefined;
  /** A number in [0, 2^32) that follows from the seed alone. */
  readonly seedNumber: (seed: string) => number;
};

export type Scene = { readonly unit: Unit; readonly surroundings: Surroundings };

/** Typed values in force. Computing all is cheap next to a commit, but not free: remembered per set of texts. */
const effectiveMemo = new WeakMap<SetProperties, EffectiveProperties>();
export const effectiveOf = (set: SetProperties): EffectiveProperties => {
  const known = effectiveMemo.get(set);
  if (known !== undefined) return known;
  const values = effective(set);
  effectiveMemo.set(set, values);
  return values;
};

export const settingsOf = ({ unit, surroundings }: Scene): EffectiveProperties =>
  effectiveOf(unit.read(configurationAggregate, surroundings.cloud).properties);

export const groupSettingsOf = (scene: Scene): GroupSettings => {
  const settings = settingsOf(scene);
  return {
    strictAws: settings['edgelog.groups.strict_aws'],
    maxRules: settings['edgelog.groups.max_rules'],
    maxPerInstance: settings['edgelog.groups.max_per_instance'],
    maxPerAccount: settings['edgelog.groups.max_per_account'],
  };
};

/** Which implementation of the networking service this unit works with (cloud spec 8.2). */
export const activeNetwork = ({ unit, surroundings }: Scene): 'EDGE' | 'generic' => {
  const configured = unit.read(configurationAggregate, surroundings.cloud).posted !== undefined;
  const clusterReportsEdge = surroundings.reportedMode() === 'EDGE';
  return networkMode({ configured, clusterReportsEdge }).service === 'EDGE' ? 'EDGE' : 'generic';
};

type Memo = {
  readonly configuration: unknown;
  readonly settings: EffectiveProperties;
  readonly registered: readonly string[];
  readonly resolved: ResolvedConfiguration;
};
let lastResolved: Memo | undefined;

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((name, i) => name === other[i]));

/** The configuration with every default filled in, as of this unit. */
export const resolvedOf = (scene: Scene): ResolvedConfiguration => {
  const configuration = scene.unit.read(configurationAggregate, scene.surroundings.cloud).posted?.configuration;
  const settings = settingsOf(scene);
  const registered = scene.surroundings.registeredClusters();
  const last = lastResolved;
  if (last?.configuration === configuration && last?.settings === settings && sameNames(last.registered, registered)) {
    return last.resolved;
  }
  const resolved = resolveConfiguration(configuration, registered, {
    instanceSubdomain: settings['cloud.vmstate.instance_subdomain'],
    nameservers: settings['system.dns.nameserveraddress'],
    macPrefix: settings['cloud.vmstate.mac_prefix'],
  });
  lastResolved = { configuration, settings, registered, resolved };
  return resolved;
};
