/**
 * Bodies of the wire between our own controllers. A small one is deflated with a dictionary of what deltas are made of, which
 * leaves of a change little more than its digests; a large one goes as it is, because on the way a processor is dearer than a
 * cable. What comes in is never inflated beyond a limit.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Names the dictionary below: another one needs another name. */
export const COMPACT = 'edgelog-1';

const SMALL = 64 * 1024;

/** Later is nearer, and nearer is cheaper to point at: the commonest change comes last. */
const dictionary = Buffer.from(
  [
    '</subnet><property name=\\"enabledCCIp\\"><value></value></property><property name=\\"macPrefix\\"><value>d0:0d',
    '"removed":[["m","","","i-"],["i","i-"],["n","",""],"head":"<property name=\\"mode\\"><value>EDGE</value></property>',
    '["g","sg-","<securityGroup name=\\"sg-\\"><ownerId></ownerId><rules><value>-P icmp -t -1:-1  -s 0.0.0.0/0</value>',
    '<value>-P tcp -p 22-22  -o sg- -u </value><value>-P udp -p 53-53  -s 10.0.0.0/8</value></rules><ingressRules>',
    '<rule><protocol>17</protocol><groupId>sg-</groupId><groupOwnerId></groupOwnerId><icmpType>-1</icmpType>',
    '<icmpCode>-1</icmpCode></rule><rule><protocol>6</protocol><cidr>0.0.0.0/0</cidr><fromPort>22</fromPort>',
    '<toPort>22</toPort></rule></ingressRules></securityGroup>"]]}',
    '</macAddress><publicIp></publicIp><privateIp>',
    '{"delta":1,"dialect":"superset","from":"","to":"","stamp":["",1,],"set":[["m","","10.","i-"],["i","i-',
    '","<instance name=\\"i-\\"><ownerId></ownerId><macAddress>d0:0d:</macAddress><privateIp>10.</privateIp>',
    '<securityGroups><value>sg-</value></securityGroups></instance>"]]}',
  ].join(''),
);

/** What comes out of a change is a few hundred bytes; a buffer of 16 KB for it costs more than the deflating. */
const CHUNK = 2_048;

const options = { dictionary, windowBits: 13, memLevel: 5, level: 6, chunkSize: CHUNK };

/** `coding` is absent for plain text. */
export type CompactBody = { readonly bytes: Buffer; readonly coding?: typeof COMPACT };

export const isLarge = ({ bytes }: Pick<CompactBody, 'bytes'>): boolean => bytes.length > SMALL;

export const packed = (text: string | Buffer): CompactBody => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return isLarge({ bytes }) ? { bytes } : { bytes: deflateRawSync(bytes, options), coding: COMPACT };
};

/** Undefined when it is not what its coding says, or larger than `maxBytes`. */
export const unpacked = (bytes: Buffer, coding: string | undefined, maxBytes: number): string | undefined => {
  if (bytes.length > maxBytes) return undefined;
  if (coding === undefined || coding === 'identity') return bytes.toString('utf8');
  if (coding !== COMPACT) return undefined;
  try {
    return inflateRawSync(bytes, { dictionary, windowBits: 13, maxOutputLength: maxBytes, chunkSize: CHUNK }).toString(
      'utf8',
    );
  } catch {
    return undefined;
  }
};
