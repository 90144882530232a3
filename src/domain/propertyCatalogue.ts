/**
 * Every cloud property there is, with its type, default, unit and what it does: those of Eucalyptus (cloud spec 3.7) under
 * their own names, and ours under `edgelog.`. Data only; reading and checking values is `properties.ts`.
 */

type Common = { readonly default: string; readonly meaning: string };
export type PropertyUnit = 'seconds' | 'minutes' | 'milliseconds' | 'bytes' | 'reports' | 'addresses' | 'requests';

/** Defaults are canonical text. `form` names a further check of a text, done in `properties.ts`. */
export type PropertyEntry = Common &
  (
    | { readonly kind: 'boolean' }
    | { readonly kind: 'integer'; readonly least: number; readonly most: number; readonly unit?: PropertyUnit }
    | { readonly kind: 'choice'; readonly choices: readonly string[] }
    | { readonly kind: 'text'; readonly form: TextForm }
  );

export type TextForm =
  | 'configuration'
  | 'ipv4'
  | 'ipv4-list'
  | 'mac-prefix'
  | 'subdomain'
  | 'protocol-list'
  | 'relevance-list';

const yesNo = (preset: boolean, meaning: string) => ({ kind: 'boolean', default: `${preset}`, meaning }) as const;

const text = (form: TextForm, preset: string, meaning: string) =>
  ({ kind: 'text', form, default: preset, meaning }) as const;

const choice = <const C extends readonly string[]>(choices: C, preset: C[number], meaning: string) =>
  ({ kind: 'choice', choices, default: preset, meaning }) as const;

const integer = (least: number, most: number, preset: number, meaning: string) =>
  ({ kind: 'integer', least, most, default: `${preset}`, meaning }) as const;

const counted = (unit: PropertyUnit, least: number, most: number, preset: number, meaning: string) =>
  ({ ...integer(least, most, preset, meaning), unit }) as const;

/** Times stay below 2^31 milliseconds, beyond which timers fire at once. */
const seconds = (preset: number, meaning: string) => counted('seconds', 0, 2_000_000, preset, meaning);
const minutes = (preset: number, meaning: string) => counted('minutes', 0, 35_000, preset, meaning);

export const propertyCatalogue = {
  'cloud.network.network_configuration': text(
    'configuration',
    '',
    'The EDGE network configuration, a JSON document; empty means not configured.',
  ),
  'cloud.network.min_broadcast_interval': seconds(
    5,
    'Pushes to the clusters start at least this far apart; requests in between are covered by the next one.',
  ),
  'cloud.network.global_min_network_index': integer(
    0,
    65_535,
    2,
    'First private network index of a security group in generic mode.',
  ),
  'cloud.network.global_max_network_index': integer(
    0,
    65_535,
    4096,
    'Last private network index of a security group in generic mode.',
  ),
  'cloud.network.global_min_network_tag': integer(
    0,
    65_535,
    1,
    'First network tag (VLAN) for security groups in generic mode.',
  ),
  'cloud.network.global_max_network_tag': integer(
    0,
    65_535,
    4096,
    'Last network tag (VLAN) for security groups in generic mode.',
  ),
  'cloud.network.network_tag_pending_timeout': minutes(
    35,
    'A network tag reserved for longer than this without being reported is given back (generic mode).',
  ),
  'cloud.network.network_index_pending_timeout': minutes(
    35,
    'A private address or network index pending for longer than this is given back.',
  ),
  'cloud.network.address_pending_timeout': minutes(
    35,
    'A public address impending for longer than this is given back.',
  ),
  'cloud.network.max_broadcast_apply': seconds(
    120,
    'How long a push may take to be applied before it counts as failed (VPC mode of later releases).',
  ),
  'cloud.network.ec2_classic_additional_protocols_allowed': text(
    'protocol-list',
    '',
    'Protocol numbers besides tcp, udp and icmp that rules may name, separated by commas (4.4 documents).',
  ),
  'cloud.addresses.dodynamicpublicaddresses': yesNo(
    true,
    'System-assigned addresses come from the whole pool; false: only from the reserved part.',
  ),
  'cloud.addresses.systemreservedpublicaddresses': counted(
    'addresses',
    0,
    4_294_967_295,
    0,
    'Free public addresses that users may not allocate.',
  ),
  'cloud.addresses.maxkillorphans': counted(
    'reports',
    0,
    1_000_000,
    360,
    'Reports without its instance before an assigned public address counts as orphan.',
  ),
  'cloud.addresses.orphangrace': minutes(360, 'An orphaned public address is reclaimed after this time.'),
  'cloud.vmstate.mac_prefix': text(
    'mac-prefix',
    'd0:0d',
    'MAC prefix of instances whose cluster and configuration name none.',
  ),
  'cloud.vmstate.instance_subdomain': text(
    'subdomain',
    '.eucalyptus',
    'With .internal appended, the DNS domain of instances when the configuration names none.',
  ),
  'cloud.vmstate.instance_timeout': minutes(
    720,
    'A running instance that its cluster has not reported for this long is terminated.',
  ),
  'cloud.vmstate.instance_touch_interval': minutes(
    15,
    'How often a report that says nothing new still renews the time an instance was last seen.',
  ),
  'cloud.vmstate.shut_down_time': minutes(
    10,
    'An instance may be shutting down this long before it counts as terminated.',
  ),
  'cloud.vmstate.stopping_time': minutes(10, 'An instance may be stopping this long before it counts as stopped.'),
  'cloud.vmstate.terminated_time': minutes(60, 'A terminated instance stays visible this long.'),
  'cloud.vmstate.buried_time': minutes(
    60,
    'The record of a terminated instance is kept this long after it has left the listings.',
  ),
  'cloud.vmstate.vm_initial_report_timeout': seconds(
    300,
    'A pending instance must be reported by its cluster within this time.',
  ),
  'cloud.vmstate.vm_state_settle_time': seconds(40, 'Reports that contradict a state younger than this are ignored.'),
  'cloud.vmstate.volatile_state_timeout_sec': seconds(
    60,
    'How long instances are asked about more often after a change of state.',
  ),
  'cloud.vmstate.network_metadata_refresh_time': seconds(
    15,
    'Kept for older tools: documents follow events here and are not refreshed by time.',
  ),
  'system.dns.nameserveraddress': text(
    'ipv4-list',
    '127.0.0.1',
    'Name servers for instances when the configuration names none, separated by commas; 127.0.0.1 means not set.',
  ),
  'cloud.cluster.requestworkers': counted(
    'requests',
    1,
    1024,
    8,
    'Requests that may be under way to one cluster controller at a time.',
  ),
  'cloud.cluster.pendinginterval': seconds(
    3,
    'How often a cluster controller that is starting is asked for its state.',
  ),
  'cloud.cluster.notreadyinterval': seconds(
    10,
    'How often a cluster controller that is not ready is asked for its state.',
  ),
  'cloud.cluster.disabledinterval': seconds(15, 'How often a disabled cluster controller is asked for its state.'),
  'cloud.cluster.enabledinterval': seconds(15, 'How often an enabled cluster controller is asked for its state.'),
  'bootstrap.timer.rate': counted(
    'milliseconds',
    100,
    2_000_000_000,
    10_000,
    'The beat of periodic work; every third beat all clusters are looked at again.',
  ),

  'edgelog.document.dialect': choice(
    ['superset', '4.0', '4.4'],
    'superset',
    'Which readers the network document is for: those of 4.0, of 4.4, or both at once.',
  ),
  'edgelog.document.relevance': choice(
    ['full', 'local'],
    'full',
    'Whether each cluster gets the whole cloud, or only what its own instances need.',
  ),
  'edgelog.document.relevance_of': text(
    'relevance-list',
    '',
    'Clusters with another relevance than edgelog.document.relevance: NAME=full or NAME=local, joined by commas.',
  ),
  'edgelog.document.max_bytes': counted(
    'bytes',
    10_000,
    1_000_000_000,
    39_000_000,
    'A document larger than this is not sent: the last good one stays and an alarm is raised.',
  ),
  'edgelog.clc_address': text(
    'ipv4',
    '127.0.0.1',
    'The address of the cloud controller that nodes are told (enabledCLCIp).',
  ),
  'edgelog.addresses.allocator': choice(
    ['fifo', 'first-free', 'random'],
    'fifo',
    'How a private address is chosen: longest idle first, lowest free one, or at random.',
  ),
  'edgelog.addresses.private_free_immediately': yesNo(
    false,
    'A released private address may be handed out at once, without waiting until the nodes have passed its release.',
  ),
  'edgelog.addresses.max_per_account': counted(
    'addresses',
    0,
    4_294_967_295,
    0,
    'Public addresses one account may own at a time; 0 means any number.',
  ),
  'edgelog.groups.strict_aws': yesNo(true, 'Security group commands fail as in AWS where Eucalyptus 4.0 was lenient.'),
  'edgelog.groups.max_rules': integer(1, 100_000, 1000, 'Rules one security group may have, one per source.'),
  'edgelog.groups.max_per_instance': integer(1, 1000, 16, 'Security groups one instance may be in.'),
  'edgelog.groups.max_per_account': integer(
    1,
    10_000_000,
    10_000,
    'Security groups one account may have, its default group included.',
  ),
  'edgelog.nodes.expiry': minutes(10, 'A node that its cluster has not reported for this long leaves the document.'),
  'edgelog.dirty_limit': minutes(
    1440,
    'A dirty public address whose cluster is gone is cleared, with an alarm, after this time.',
  ),
} as const satisfies { readonly [name: string]: PropertyEntry };

export type PropertyName = keyof typeof propertyCatalogue;
