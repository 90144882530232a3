/**
 * What the kernel tells the agent: commits of rules that are not its own, and instance ports that come, go or lose their
 * bridge. `nft monitor` says one line a commit; more of them than we made means somebody else was there.
 */
import type { NodeOptions } from '../../../projections/plan/model.ts';
import type { Tools } from './tool.ts';
import { debounced, isCommit, type Watch, watchTool } from './watches.ts';

export type KernelWatchSettings = {
  readonly tools: Tools;
  readonly options: NodeOptions;
  /** Our own commits so far. */
  readonly commits: () => number;
  readonly changed: {
    readonly rules: () => void;
    readonly port: (port: string) => void;
    readonly portGone: (port: string) => void;
  };
};

/** A line of ours that was never heard must not hide somebody else's: in quiet times the count starts anew. */

/** Long enough for the line of our own last commit to have come. */
const settleMs = 150;

export const watchKernel = ({ tools, options, commits, changed }: KernelWatchSettings): Watch => {
  let seen = commits();
  let heard = 0;
  const settled = debounced(settleMs, () => {
    const isForeign = seen > commits();
    seen = commits();
    if (isForeign) changed.rules();
  });
  const rules = watchTool(tools.nft, ['monitor'], (line) => {
    if (!isCommit(line)) return;
    heard = Date.now();
    seen += 1;
    settled.call();
  });
  const ports = watchPorts(tools, options, changed);
  const quiet = setInterval(() => {
    if (Date.now() - heard > settleMs) seen = commits();
  }, 500);
  quiet.unref();
  return {
    stop: () => {
      clearInterval(quiet);
      settled.stop();
      rules.stop();
      ports.stop();
    },
  };
};

const watchPorts = (
  tools: Tools,
  { portPrefix, bridge }: NodeOptions,
  changed: KernelWatchSettings['changed'],
): Watch => {
  const settled = new Set<string>();
  return watchTool(tools.ip, ['-o', 'monitor', 'link'], (line) => {
    const found = /^(Deleted )?(\d+): ([^:@\s]+)/.exec(line);
    const port = found?.[3];
    if (port === undefined || !port.startsWith(portPrefix)) return;
    const key = `${found?.[2]} ${port}`;
    if (found?.[1] !== undefined) {
      settled.delete(key);
      changed.portGone(port);
      return;
    }
    if (settled.has(key) && line.includes(`master ${bridge} `)) return;
    settled.add(key);
    changed.port(port);
  });
};
