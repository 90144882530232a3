/**
 * The instances of one node: which of those placed here can be programmed, and why the others cannot. What fails a check is
 * left out with a note; its port stays dead.
 */
import { cidrContains, parseCidr } from '../../domain/cidr.ts';
import { isIpv4, parseIpv4 } from '../../domain/ipv4.ts';
import { isMacAddress } from '../../domain/mac.ts';
import type { InstanceEntry } from '../document/model.ts';
import { publicAddress } from './census.ts';
import type { LocalInstance, NodeNetwork, NodeOptions, PlanNote } from './model.ts';
import { portName } from './names.ts';

export type LocalFacts = {
  readonly options: NodeOptions;
  readonly network: NodeNetwork;
  readonly knownGroup: (groupId: string) => boolean;
};

export type Checked = { readonly instance?: LocalInstance; readonly notes: readonly PlanNote[] };

/** The first reason why an instance cannot be programmed. */
const problem = (entry: InstanceEntry, { options, network }: LocalFacts): string | undefined => {
  const mac = entry.macAddress?.toLowerCase() ?? '';
  const address = parseIpv4(entry.privateIp);
  const subnet = parseCidr(`${network.subnet}/${network.prefix}`);
  if (mac === '') return 'it has no MAC address yet';
  if (!isMacAddress(mac)) return `its MAC address ${JSON.stringify(entry.macAddress)} is none`;
  if ((Number.parseInt(mac.slice(0, 2), 16) & 1) === 1) return `its MAC address ${mac} is a multicast one`;
  if (mac === options.gatewayMac.toLowerCase()) return `its MAC address ${mac} is the gateway's`;
  if (address === undefined) return `its private address ${JSON.stringify(entry.privateIp)} is none`;
  if (entry.privateIp === network.gateway) return `its private address ${entry.privateIp} is the gateway's`;
  if (subnet === undefined || !cidrContains(subnet, address)) {
    return `its private address ${entry.privateIp} is outside ${network.subnet}/${network.netmask}`;
  }
  return undefined;
};

export const checkLocal = (entry: InstanceEntry, facts: LocalFacts): Checked => {
  const reason = problem(entry, facts);
  if (reason !== undefined) return { notes: [{ kind: 'bad-instance', subject: entry.id, detail: reason }] };
  const notes: PlanNote[] = [];
  const outside = publicAddress(entry);
  const usable = outside !== undefined && isIpv4(outside);
  if (outside !== undefined && !usable) {
    notes.push({
      kind: 'bad-address',
      subject: entry.id,
      detail: `its public address ${JSON.stringify(outside)} is none`,
    });
  }
  for (const group of entry.securityGroups.filter((id) => !facts.knownGroup(id))) {
    notes.push({ kind: 'unknown-group', subject: entry.id, detail: `its group ${group} is not in the document` });
  }
  const instance: LocalInstance = {
    id: entry.id,
    port: portName(facts.options.portPrefix, entry.id),
    mac: (entry.macAddress ?? '').toLowerCase(),
    privateIp: entry.privateIp,
    ...(usable ? { publicIp: outside } : {}),
    groups: [...new Set(entry.securityGroups.filter(facts.knownGroup))].sort(),
  };
  return { instance, notes };
};
