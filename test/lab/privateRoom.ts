/**
 * A room of its own for the lab: private network, mount and process namespaces, as root or in a user namespace. Whatever is
 * built inside is gone when its first process ends; no trace is left on the host.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

const tools = ['unshare', 'ip', 'bridge', 'nft', 'conntrack', 'python3', 'socat'];

const found = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;

const isRoot = process.getuid?.() === 0;

const flags = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];

const unshareArguments = (): string[] => (isRoot ? flags : ['--map-root-user', ...flags]);

/** Why the lab cannot run here, with what to set; undefined when it can. */
export const labObstacle = (): string | undefined => {
  const missing = tools.filter((tool) => !found(tool));
  if (missing.length > 0) return `not installed: ${missing.join(', ')} (scripts/lab-packages lists what to install)`;
  const inside = spawnSync('unshare', [...unshareArguments(), 'nft', 'list', 'tables'], { encoding: 'utf8' });
  if (inside.status === 0) return undefined;
  const hint = isRoot
    ? 'give the container CAP_NET_ADMIN and CAP_SYS_ADMIN'
    : 'run as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000';
  return `no private namespaces here (${inside.stderr.trim()}): ${hint}`;
};

const script =
  'mount -t tmpfs none /run && mkdir -p /run/netns && mount -t sysfs none /sys 2>/dev/null; ip link set lo up; exec "$@"';

/** Runs a command inside a new room; its output comes on the pipes. Ends with the room. */
export const enterRoom = (command: readonly string[]): ChildProcess =>
  spawn('unshare', [...unshareArguments(), 'sh', '-c', script, 'room', ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
