/**
 * Suites of this file: ip-range, cidr, resource-identifiers, mac.
 */
import { cidrContains, cidrFromAddress, formatCidr, parseCidr } from '../../src/domain/cidr.ts';
import { canonicalIdentifier } from '../../src/domain/identifiers.ts';
import {
  formatRange,
  type IpRange,
  parseRange,
  rangeContains,
  rangeFromSubnet,
  rangeSize,
  splitRange,
} from '../../src/domain/ipRange.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../src/domain/ipv4.ts';
import { macAddress } from '../../src/domain/mac.ts';
import {
  type Case,
  numberMember,
  objectMember,
  type Suite,
  type Suites,
  same,
  textMember,
  unknownOperation,
} from './verdict.ts';

const failed = { ok: false };

const range = (text: string): IpRange => parseRange(text) ?? fault(`${text} is no range`);
const ip = (text: string): Ipv4 => parseIpv4(text) ?? fault(`${text} is no address`);
const fault = (message: string): never => {
  throw new Error(message);
};

const parsedRange = (input: unknown): unknown => {
  const parsed = typeof input === 'string' ? parseRange(input) : undefined;
  if (parsed === undefined) return failed;
  const { lower, upper } = parsed;
  return {
    ok: true,
    lower,
    upper,
    lowerText: formatIpv4(lower),
    upperText: formatIpv4(upper),
    text: formatRange(parsed),
  };
};

const subnetRange = (c: Case): unknown => {
  const input = objectMember(c, 'input');
  const found = rangeFromSubnet(ip(textMember(input, 'subnet')), ip(textMember(input, 'netmask')));
  return { ...found, text: formatRange(found) };
};

const ipRange: Suite = (c) => {
  switch (c['op']) {
    case 'parse':
      return same(c['expected'], parsedRange(c['input']));
    case 'contains': {
      const input = objectMember(c, 'input');
      return same(c['expected'], rangeContains(range(textMember(input, 'range')), range(textMember(input, 'other'))));
    }
    case 'split': {
      const input = objectMember(c, 'input');
      const pieces = splitRange(range(textMember(input, 'range')), ip(textMember(input, 'ip')));
      return same(c['expected'], pieces.map(formatRange));
    }
    case 'fromSubnet':
      return same(c['expected'], subnetRange(c));
    case 'size':
      return same(c['expected'], rangeSize(range(textMember(c, 'input'))));
    default:
      return unknownOperation(c['op']);
  }
};

const parsedCidr = (input: unknown): unknown => {
  const parsed = typeof input === 'string' ? parseCidr(input) : undefined;
  if (parsed === undefined) return failed;
  return { ok: true, ip: formatIpv4(parsed.address), prefix: parsed.prefix, text: formatCidr(parsed) };
};

/** Whatever is no address is contained nowhere. */
const containsText = (cidrText: string, addressText: string): boolean => {
  const cidr = parseCidr(cidrText) ?? fault(`${cidrText} is no CIDR`);
  const address = parseIpv4(addressText);
  return address !== undefined && cidrContains(cidr, address);
};

const cidr: Suite = (c) => {
  switch (c['op']) {
    case 'parse':
      return same(c['expected'], parsedCidr(c['input']));
    case 'contains': {
      const input = objectMember(c, 'input');
      return same(c['expected'], containsText(textMember(input, 'cidr'), textMember(input, 'ip')));
    }
    case 'fromAddress': {
      const input = objectMember(c, 'input');
      const block = cidrFromAddress(ip(textMember(input, 'address')), numberMember(input, 'prefix'));
      return same(c['expected'], formatCidr(block));
    }
    default:
      return unknownOperation(c['op']);
  }
};

const resourceIdentifiers: Suite = (c) => {
  const input = objectMember(c, 'input');
  const prefix = input['expectedPrefix'];
  const text = input['text'];
  const identifier =
    typeof text === 'string' ? canonicalIdentifier(text, typeof prefix === 'string' ? prefix : undefined) : undefined;
  return same(c['expected'], identifier === undefined ? failed : { ok: true, identifier });
};

const mac: Suite = (c) => same(c['expected'], macAddress(textMember(c, 'prefix'), textMember(c, 'instanceId')));

export const suites: Suites = {
  'ip-range': ipRange,
  cidr,
  'resource-identifiers': resourceIdentifiers,
  mac,
};
