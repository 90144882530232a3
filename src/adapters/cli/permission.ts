/**
 * A permission as people write it on a command line: protocol, ports, sources. Only its form is read here; whether the
 * ports, names and blocks make sense is the domain's to say, under AWS' error names.
 */
import { count, type Given, list, type OptionSpecs, text } from './command.ts';
import { type Complaint, isComplaint, usage } from './complaint.ts';
import { column, type Item } from './show/table.ts';

export const permissionOptions: OptionSpecs = {
  protocol: text('PROTOCOL', 'tcp, udp, icmp, a protocol number, or -1 for all', { required: true }),
  port: text('FIRST[-LAST]', 'ports of tcp and udp'),
  type: count('icmp: type, -1 for any (default)', -1, 255),
  code: count('icmp: code, -1 for any (default)', -1, 255),
  cidr: list('BLOCK', 'source addresses; may be given several times'),
  'source-group': list('GROUP', 'source group: id, name, or ACCOUNT/NAME; may be given several times'),
};

type SourceGroup = { readonly groupId?: string; readonly groupName?: string; readonly account?: string };

const sourceGroup = (written: string): SourceGroup => {
  const [, account, rest] = /^([0-9]{12})\/(.+)$/.exec(written) ?? [undefined, undefined, written];
  const named = /^sg-/i.test(rest ?? '') ? { groupId: rest ?? '' } : { groupName: rest ?? '' };
  return account === undefined ? named : { ...named, account };
};

type Ports = { readonly fromPort?: number; readonly toPort?: number };

const portsOf = (given: Given): Ports | Complaint => {
  const written = given.text('port');
  if (given.text('protocol') === 'icmp' || given.text('protocol') === '1') {
    return written === undefined
      ? { fromPort: given.count('type') ?? -1, toPort: given.count('code') ?? -1 }
      : usage('icmp has no ports.', 'say --type and --code, or neither for all');
  }
  if (written === undefined) return {};
  const [, first, last] = /^([0-9]{1,7})(?:[-:]([0-9]{1,7}))?$/.exec(written) ?? [];
  if (first === undefined)
    return usage(`--port is ${JSON.stringify(written)}, expected a port, or a range as 8000-8080.`);
  return { fromPort: Number(first), toPort: Number(last ?? first) };
};

export const permissionOf = (given: Given): object | Complaint => {
  const ports = portsOf(given);
  if (isComplaint(ports)) return ports;
  const [cidrs, groups] = [given.list('cidr'), given.list('source-group').map(sourceGroup)];
  if (cidrs.length === 0 && groups.length === 0)
    return usage('No source is given.', 'add --cidr BLOCK or --source-group GROUP');
  return {
    protocol: given.text('protocol'),
    ...ports,
    ...(cidrs.length === 0 ? {} : { cidrs }),
    ...(groups.length === 0 ? {} : { groups }),
  };
};

const protocolNames: { readonly [number: string]: string } = { '-1': 'all', '1': 'icmp', '6': 'tcp', '17': 'udp' };

const portsText = ({ protocol, low, high }: Item): string => {
  if (protocol === 1) return low === -1 ? 'any' : `type ${String(low)} code ${high === -1 ? 'any' : String(high)}`;
  if (low === -1 || protocol === -1) return 'any';
  return low === high ? String(low) : `${String(low)}-${String(high)}`;
};

const sourceText = ({ source }: Item): string => {
  const { kind, cidr, groupId, account, groupName } = source as Item;
  if (kind === 'cidr') return String(cidr);
  return `${String(groupId)} (${String(account)}${groupName === undefined ? '' : `/${String(groupName)}`})`;
};

/** Columns of the rules of a group as the API shows them. */
export const ruleColumns = [
  column('PROTOCOL', ({ protocol }) => protocolNames[String(protocol)] ?? protocol),
  column('PORTS', portsText),
  column('SOURCE', sourceText),
  column('SET AT', 'at'),
];
