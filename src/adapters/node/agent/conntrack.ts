/**
 * Tracked connections that outlive their right to exist. Translation keeps working for a tracked flow after its map entry is
 * gone, and an admitted flow goes on after its rule is gone; both are forgotten here, and the rules refuse to pick them up
 * again in mid-stream.
 */

import { type Flow, isAdmitted } from '../../../projections/plan/admission.ts';
import type { Cut } from '../../../projections/plan/afterwards.ts';
import type { Plan } from '../../../projections/plan/model.ts';
import type { RunTool } from './shells.ts';
import { firstLine, runTool, type Tools } from './tool.ts';

const flags: Readonly<Record<Cut['field'], string>> = {
  'orig-src': '--orig-src',
  'orig-dst': '--orig-dst',
  'reply-src': '--reply-src',
  'reply-dst': '--reply-dst',
};

export type Clearance = {
  /** Resolves when all that must be gone before anybody is told is gone; the rest goes beside. Says what went wrong. */
  readonly cut: (cuts: readonly Cut[]) => Promise<string[]>;
  /** Resolves when no flow of these addresses is left to forget: somebody else may have them now. */
  readonly free: (addresses: readonly string[]) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Flows of addresses that moved are dead by the rules; many moves are worth one look at the table. */
const idleMs = 1000;
/** An instance's address may soon be another's, but the report goes out first. */
const urgentMs = 5;

/**
 * Each cut is a walk through the kernel's whole table, which may keep a processor for milliseconds; so beside other work they
 * go one after the other, and those nobody waits for are collected. `complain` hears what went wrong beside.
 */
export const createClearance = (
  tools: Tools,
  run: RunTool,
  complain: (problems: readonly string[]) => void,
): Clearance => {
  const waiting = new Map<string, Cut>();
  let timer: NodeJS.Timeout | undefined;
  let urgent: NodeJS.Timeout | undefined;
  let current: Cut | undefined;
  let walks: Promise<void> | undefined;
  const walk = async (): Promise<void> => {
    for (const [text, cut] of waiting) {
      waiting.delete(text);
      current = cut;
      const problems = await cutFlows(tools, [cut], run);
      current = undefined;
      if (problems.length > 0) complain(problems);
    }
  };
  const start = (): Promise<void> => {
    clearTimeout(timer);
    clearTimeout(urgent);
    timer = undefined;
    urgent = undefined;
    walks ??= walk().finally(() => {
      walks = undefined;
    });
    return walks;
  };
  const isLeft = (addresses: readonly string[]): boolean =>
    [...waiting.values(), ...(current === undefined ? [] : [current])].some(({ address }) =>
      addresses.includes(address),
    );
  return {
    cut: (cuts) => {
      const beside = cuts.filter(({ soon }) => !soon);
      for (const cut of beside) waiting.set(textOf(cut), cut);
      const isUrgent = beside.some(({ field }) => field === 'orig-src' || field === 'reply-src');
      if (isUrgent) urgent ??= setTimeout(() => void start(), urgentMs).unref();
      else if (beside.length > 0) timer ??= setTimeout(() => void start(), idleMs).unref();
      return cutFlows(
        tools,
        cuts.filter(({ soon }) => soon),
        run,
      );
    },
    free: async (addresses) => {
      while (isLeft(addresses)) await start();
    },
    end: async () => {
      while (waiting.size > 0 || current !== undefined) await start();
    },
  };
};

const textOf = ({ field, address }: Cut): string => `${flags[field]} ${address}`;

/** Forgets what the cuts name. Nothing found is fine; a missing tool is said. */
export const cutFlows = async (tools: Tools, cuts: readonly Cut[], run: RunTool = runTool): Promise<string[]> => {
  const wanted = [...new Set(cuts.map(textOf))];
  const results = await Promise.all(wanted.map((text) => run(tools.conntrack, ['-D', ...text.split(' ')])));
  return results
    .filter((result) => result.code !== 0 && !result.stderr.includes('0 flow entries'))
    .map((result) => firstLine(result));
};

/** A line of `conntrack -L`: the original tuple first, the reply tuple second. */
const tuple = (line: string): (Flow & { readonly fields: readonly string[] }) | undefined => {
  const protocol = Number(/^\S+\s+(\d+)\s/.exec(line)?.[1]);
  const field = (name: string, nth: number): string | undefined =>
    [...line.matchAll(new RegExp(`\\b${name}=(\\S+)`, 'g'))][nth]?.[1];
  const [source, originalTo, to] = [field('src', 0), field('dst', 0), field('src', 1)];
  if (source === undefined || originalTo === undefined || to === undefined || !Number.isInteger(protocol))
    return undefined;
  const number = (name: string): number => Number(field(name, 0) ?? 0);
  return {
    protocol,
    source,
    originalTo,
    to,
    port: number('dport'),
    icmpType: number('type'),
    icmpCode: number('code'),
    fields: deletion(line, protocol),
  };
};

const deletion = (line: string, protocol: number): string[] => {
  const first = (name: string): string | undefined => new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1];
  const options: [string, string | undefined][] = [
    ['--orig-src', first('src')],
    ['--orig-dst', first('dst')],
    ['--sport', first('sport')],
    ['--dport', first('dport')],
    ['--icmp-id', first('id')],
  ];
  const usable =
    protocol === 6 || protocol === 17 ? options.slice(0, 4) : protocol === 1 ? options : options.slice(0, 2);
  return [
    '--proto',
    String(protocol),
    ...usable.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
  ];
};

/** Forgets flows towards these private addresses that the plan would not let begin today. Returns how many. */
export const cutRevoked = async (tools: Tools, plan: Plan, addresses: ReadonlySet<string>): Promise<number> => {
  if (addresses.size === 0) return 0;
  const listing = await runTool(tools.conntrack, ['-L']);
  let cut = 0;
  for (const line of listing.stdout.split('\n')) {
    const flow = addresses.size > 0 ? tuple(line) : undefined;
    if (flow === undefined || !addresses.has(flow.to) || isAdmitted(plan, flow)) continue;
    const result = await runTool(tools.conntrack, ['-D', ...flow.fields]);
    if (result.code === 0) cut += 1;
  }
  return cut;
};
