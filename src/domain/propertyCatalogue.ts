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
    'Kept for older tools: a network tag is held exactly as long as an instance of its group has an index in it.',
  ),
  'cloud.network.network_index_pending_timeout': minutes(
    35,
    'A private address or network index pending for longer than this is given back.',
  ),
  'cloud.network.address_pending_timeout': minutes(
    35,
    'A public address impending for longer than this is given back: its instance was never placed.',
  ),
  'cloud.network.max_broadcast_apply': seconds(
    120,
    'Kept for older tools: nodes say by themselves what they have applied, and nothing is guessed from time.',
  ),
  'cloud.network.ec2_classic_additional_protocols_allowed': text(
    'protocol-list',
    '',
    'Kept for older tools: rules may name the protocols that nodes can program, no more and no fewer.',
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
    'Free public addresses that users may not allocate; without dynamic system addresses also how many the system owns.',
  ),
  'cloud.addresses.maxkillorphans': counted(
    'reports',
    0,
    1_000_000,
    360,
    'More reports of a cluster than this that contradict a public address, and it is reclaimed (generic mode).',
  ),
  'cloud.addresses.orphangrace': minutes(
    360,
    'A public address unchanged for longer than this may be adopted by the running instance that shows it (generic mode).',
  ),
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
    'An instance that its cluster, which reports others, has not reported for longer than this is given up.',
  ),
  'cloud.vmstate.instance_touch_interval': minutes(
    15,
    'Kept for older tools: every report renews the time an instance was last seen, and costs nothing.',
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
    'A pending instance younger than this is not missed when its cluster does not report it.',
  ),
  'cloud.vmstate.vm_state_settle_time': seconds(
    40,
    'Reports that would end a state younger than this are ignored: they may be older than it.',
  ),
  'cloud.vmstate.volatile_state_timeout_sec': seconds(
    60,
    'Kept for older tools: clusters report by themselves and are not asked.',
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
    'Messages about public addresses under way to one cluster at a time (generic mode); documents go one at a time.',
  ),
  'cloud.cluster.pendinginterval': seconds(3, 'Kept for older tools: clusters report by themselves and are not asked.'),
  'cloud.cluster.notreadyinterval': seconds(
    10,
    'Kept for older tools: clusters report by themselves and are not asked.',
  ),
  'cloud.cluster.disabledinterval': seconds(
    15,
    'Kept for older tools: clusters report by themselves and are not asked.',
  ),
  'cloud.cluster.enabledinterval': seconds(
    15,
    'How often an enabled cluster whose controller does not report by itself is asked for its networks, nodes and instances; 0 never.',
  ),
  'bootstrap.timer.rate': counted(
    'milliseconds',
    100,
    2_000_000_000,
    10_000,
    'Kept for older tools: the setting --periodic-seconds says how often all clusters are looked at again.',
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
  'edgelog.nodes.expiry': minutes(
    10,
    'A node that its cluster leaves out of its reports stays this long, in documents and for those who wait for it.',
  ),
  'edgelog.dirty_limit': minutes(
    1440,
    'A dirty public address that its cluster has not passed within this time is cleared, and said to be; 0: never.',
  ),
} as const satisfies { readonly [name: string]: PropertyEntry };

export type PropertyName = keyof typeof propertyCatalogue;
