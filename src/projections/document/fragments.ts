/**
 * Elements as XML text, compact, as the bytes on the wire: one entity -> its fragment. Full rendering and incremental
 * rendering are both made of exactly these functions, so they cannot differ in spelling. The order of children is the
 * contract of cloud spec 2.2; wrappers without content are written `<x/>`, absent members not at all.
 */
import { escapeAttribute, escapeText } from './escape.ts';
import type { Dialect, DocumentStamp } from './model.ts';
import type { WrittenRule } from './ruleForms.ts';
import type {
  WrittenCluster,
  WrittenConfiguration,
  WrittenGroup,
  WrittenInstance,
  WrittenNode,
  WrittenProperty,
  WrittenSubnet,
} from './written.ts';

/** An element around content that is XML already. */
export type Wrapper = { readonly open: string; readonly close: string; readonly empty: string };

const wrapper = (tag: string, attribute = ''): Wrapper => ({
  open: `<${tag}${attribute}>`,
  close: `</${tag}>`,
  empty: `<${tag}${attribute}/>`,
});

export const wrap = ({ open, close, empty }: Wrapper, content: string): string =>
  content === '' ? empty : open + content + close;

const nameAttribute = (name: string): string => ` name="${escapeAttribute(name)}"`;

const element = (tag: string, text: string): string => `<${tag}>${escapeText(text)}</${tag}>`;

export const valueXml = (value: string): string => `<value>${escapeText(value)}</value>`;

const valuesXml = (values: readonly string[]): string => {
  let xml = '';
  for (const value of values) xml += valueXml(value);
  return xml;
};

export const instancesWrapper = wrapper('instances');
export const groupsWrapper = wrapper('securityGroups');
export const clustersWrapper = wrapper('property', ' name="clusters"');
export const nodesWrapper = wrapper('property', ' name="nodes"');
export const instanceIdsWrapper = wrapper('instanceIds');
const subnetsWrapper = wrapper('property', ' name="subnets"');
const rulesWrapper = wrapper('rules');
const ingressWrapper = wrapper('ingressRules');
const egressWrapper = wrapper('egressRules');

/** What stands between the sections and around them. A 4.4 document has the containers of VPC mode, always empty in EDGE. */
export type Frame = {
  readonly afterConfiguration: string;
  readonly afterInstances: string;
  readonly end: string;
};

const plainFrame: Frame = { afterConfiguration: '</configuration>', afterInstances: '', end: '</network-data>' };

const frames: { readonly [D in Dialect]: Frame } = {
  superset: plainFrame,
  '4.0': plainFrame,
  '4.4': {
    afterConfiguration: '</configuration><vpcs/>',
    afterInstances: '<dhcpOptionSets/><internetGateways/>',
    end: '</network-data>',
  },
};

export const frameOf = (dialect: Dialect): Frame => frames[dialect];

/** Everything up to the first property. `version` stands first on the root; 4.0 knew no attributes there. */
export const prologXml = (dialect: Dialect, stamp: DocumentStamp | undefined): string => {
  const attributes = stamp === undefined || dialect === '4.0' ? '' : stampAttributes(stamp);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><network-data${attributes}><configuration>`;
};

const stampAttributes = ({ version, epoch, position }: DocumentStamp): string =>
  ` version="${escapeAttribute(version)}"${epoch === undefined ? '' : ` epoch="${epoch}"`}${
    position === undefined ? '' : ` position="${position}"`
  }`;

const propertyXml = ({ name, values }: WrittenProperty): string =>
  wrap(wrapper('property', nameAttribute(name)), valuesXml(values));

const propertiesXml = (properties: readonly WrittenProperty[]): string => properties.map(propertyXml).join('');

const subnetXml = ({ name, properties }: WrittenSubnet): string =>
  wrap(wrapper('subnet', nameAttribute(name)), propertiesXml(properties));

/** The content of `configuration` before its clusters. */
export const headXml = ({ properties, subnets }: Omit<WrittenConfiguration, 'clusters'>): string =>
  propertiesXml(properties) + (subnets === undefined ? '' : wrap(subnetsWrapper, subnets.map(subnetXml).join('')));

/** The start tag of a cluster and all of its content but the nodes. */
export const clusterHeadXml = ({ name, subnet, properties }: Omit<WrittenCluster, 'nodes'>): string =>
  `<cluster${nameAttribute(name)}>${subnetXml(subnet)}${propertiesXml(properties)}`;

export const clusterEnd = '</cluster>';

export const clusterXml = (cluster: WrittenCluster): string =>
  clusterHeadXml(cluster) + wrap(nodesWrapper, cluster.nodes.map(nodeXml).join('')) + clusterEnd;

/** The element of a node around the list of its instances. */
export const nodeHeadXml = (name: string): string => `<node${nameAttribute(name)}>`;
export const nodeEnd = '</node>';

const nodeXml = ({ name, instanceIds }: WrittenNode): string =>
  nodeHeadXml(name) + wrap(instanceIdsWrapper, valuesXml(instanceIds)) + nodeEnd;

export const instanceXml = (instance: WrittenInstance, dialect: Dialect): string => {
  const { name, ownerId, macAddress, publicIp, privateIp, securityGroups } = instance;
  const mac = macAddress === undefined ? '' : element('macAddress', macAddress);
  const outside = publicIp === undefined ? '' : element('publicIp', publicIp);
  const interfaces = dialect === '4.4' ? '<networkInterfaces/>' : '';
  const groups = wrap(groupsWrapper, valuesXml(securityGroups));
  const addresses = `${mac}${outside}${element('privateIp', privateIp)}`;
  return `<instance${nameAttribute(name)}>${element('ownerId', ownerId)}${addresses}${interfaces}${groups}</instance>`;
};

export const groupXml = ({ name, ownerId, rules, ingressRules, egressRules }: WrittenGroup): string => {
  const texts = rules === undefined ? '' : wrap(rulesWrapper, valuesXml(rules));
  const inward = ingressRules === undefined ? '' : wrap(ingressWrapper, ingressRules.map(ruleXml).join(''));
  const outward = egressRules === undefined ? '' : wrap(egressWrapper, egressRules.map(ruleXml).join(''));
  return `<securityGroup${nameAttribute(name)}>${element('ownerId', ownerId)}${texts}${inward}${outward}</securityGroup>`;
};

const ruleChildren = [
  'protocol',
  'fromPort',
  'toPort',
  'icmpType',
  'icmpCode',
  'groupId',
  'groupOwnerId',
  'cidr',
] as const satisfies readonly (keyof WrittenRule)[];

const ruleXml = (rule: WrittenRule): string => {
  let xml = '<rule>';
  for (const child of ruleChildren) {
    const value = rule[child];
    if (value !== undefined) xml += element(child, String(value));
  }
  return `${xml}</rule>`;
};
