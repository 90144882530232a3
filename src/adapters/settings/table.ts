/**
 * Every setting of the program in one table: flag, environment variable, default and what it does. Settings say how this
 * process runs; what the network is belongs to cloud properties, which are events. `edgelog help settings` prints this table.
 */

export type SettingKind = 'text' | 'port' | 'count' | 'flag' | 'list';

export type Setting = {
  readonly name: string;
  readonly kind: SettingKind;
  readonly fallback: string;
  readonly about: string;
};

const setting = (name: string, kind: SettingKind, fallback: string, about: string): Setting => ({
  name,
  kind,
  fallback,
  about,
});

/** `name` is the flag without dashes; the environment variable is EDGELOG_ and the name in upper case with underscores. */
export const settingsTable = [
  setting('role', 'text', 'all', 'what this process is: all, clc, worker, cc, nc or agent; several joined by commas'),
  setting('data', 'text', './data', 'folder for the event log, documents and state'),
  setting('host', 'text', '127.0.0.1', 'address the HTTP API listens on'),
  setting('port', 'port', '8773', 'port of the HTTP API'),
  setting(
    'store',
    'text',
    '',
    'event store URL: sqlite:PATH, memory: or kurrentdb://...; empty means events.db in the data folder',
  ),
  setting('lanes', 'text', 'in-process', 'delivery lanes: in-process, or redis://... for BullMQ'),
  setting('cloud', 'text', 'main', 'name of the cloud, part of the names of its streams'),
  setting(
    'keys-file',
    'text',
    '',
    'API keys file (edgelog keys add); without one, loopback requests act as local-operator',
  ),
  setting(
    'insecure',
    'flag',
    'false',
    'allow listening beyond loopback without keys, and plain transport to the event store',
  ),
  setting('no-console', 'flag', 'false', 'clc: do not serve the web console at /console/'),
  setting(
    'tls-in-front',
    'flag',
    'false',
    'a TLS proxy stands in front of the HTTP API, so with API keys it may listen beyond loopback',
  ),
  setting('requests-per-second', 'count', '0', 'requests an API key may make in a second; 0: as many as it likes'),
  setting(
    'wire-keys',
    'text',
    '',
    'folder with WS-Security keys (edgelog keys init); empty means unsigned messages on loopback',
  ),
  setting(
    'wire-profile',
    'text',
    'sha256',
    'signatures towards controllers: sha256, or sha1 for controllers of Eucalyptus',
  ),
  setting('no-cluster', 'flag', 'false', 'role all: do not start or register the cluster PARTI00 and its two nodes'),
  setting('cluster-name', 'text', 'PARTI00', 'name of the cluster this cluster controller serves'),
  setting('cc-host', 'text', '127.0.0.1', 'address the cluster controller listens on'),
  setting('cc-port', 'port', '8774', 'port of the cluster controller'),
  setting('cc-nodes', 'list', '', 'nodes a cluster controller serves besides those in its document: NAME or NAME=URL'),
  setting(
    'cc-wire-port',
    'port',
    '8784',
    'port on which a cluster controller hears its nodes report and takes documents as deltas',
  ),
  setting('nc-hosts', 'list', '127.0.0.2,127.0.0.3', 'addresses of the node controllers of this process'),
  setting('nc-port', 'port', '8775', 'port of node controllers'),
  setting('nc-wire-port', 'port', '0', 'port on which node controllers take documents as deltas; 0 takes any free one'),
  setting(
    'report-to',
    'list',
    '',
    'where this controller reports to: base URLs of the API of every control plane (cc), or of the cluster controller (nc)',
  ),
  setting(
    'known-as',
    'list',
    '',
    'further names under which this process is addressed: in signed messages, and in requests to the API',
  ),
  setting('report-key', 'text', '', 'API key used when reporting to the API'),
  setting('program-kernel', 'flag', 'false', 'agent: program the kernel (root); otherwise it plans and shows'),
  setting(
    'document-file',
    'text',
    '',
    "agent: the network document to follow; empty means the node controller's below the data folder",
  ),
  setting('node-name', 'text', '', 'agent: the name of this node in the document'),
  setting(
    'agent-options',
    'text',
    '',
    'agent: file that says how this node is built, JSON; empty means the defaults of the node agent',
  ),
  setting(
    'clc-address',
    'text',
    '',
    'IPv4 address of the cloud controller as nodes see it; empty leaves the property edgelog.clc_address as it is',
  ),
  setting('resync-seconds', 'count', '3', 'how often clusters that are behind are looked at again'),
  setting(
    'periodic-seconds',
    'count',
    '30',
    'how often every cluster is sent its document again, if it does not report',
  ),
  setting('push-timeout-ms', 'count', '60000', 'deadline of one push to a controller'),
  setting('checkpoint-seconds', 'count', '5', 'how often the remembered end of the log is written down'),
  setting(
    'proof-seconds',
    'count',
    '600',
    'how often the log is signed if anything is new; 0 only when asked and on stopping',
  ),
  setting('proof-events', 'count', '10000', 'how many events are signed together at most; 0 any number'),
] as const satisfies readonly Setting[];

export type SettingName = (typeof settingsTable)[number]['name'];

export const environmentName = (name: string): string => `EDGELOG_${name.toUpperCase().replaceAll('-', '_')}`;

/** The table as text, one setting per line. */
export const describeSettings = (): string =>
  settingsTable
    .map(({ name, fallback, about }) =>
      [
        `--${name}`.padEnd(20),
        environmentName(name).padEnd(28),
        (fallback === '' ? '-' : fallback).padEnd(22),
        about,
      ].join(' '),
    )
    .join('\n');
