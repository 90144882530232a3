/**
 * The kernel's rules through `nft`: one transaction at a time, listings of our own tables only, and the same listings of a
 * wanted text loaded into an empty throw-away namespace. Nothing outside our four tables is ever read or written.
 */
import { tableNames } from '../../../projections/plan/model.ts';
import { type LiveRuleset, readLive } from './liveRuleset.ts';
import type { NftSession } from './nftSession.ts';
import type { RunTool } from './shells.ts';
import { firstLine, runTool, type Tools } from './tool.ts';

export type NftAnswer = { readonly done: true } | { readonly done: false; readonly reason: string };

export type Nft = {
  /** One transaction over all tables: all of it or nothing. */
  readonly apply: (text: string) => Promise<NftAnswer>;
  /** Would the kernel take it, here and now? */
  readonly check: (text: string) => Promise<NftAnswer>;
  /** What our tables hold; undefined when none of them exists. */
  readonly live: () => Promise<LiveRuleset | undefined>;
  /** What our tables would hold if `text` were loaded into nothing; undefined where namespaces are not allowed. */
  readonly reference: (text: string) => Promise<LiveRuleset | undefined>;
  /** Transactions of ours that went through since the start. */
  readonly commits: () => number;
};

const listings = (nft: string): string => tableNames.map((table) => `${nft} -j list table ${table}`).join(' && ');

/** `run` carries what needs a process; what `session` takes needs none. */
export const createNft = (tools: Tools, run: RunTool = runTool, session?: NftSession): Nft => {
  let commits = 0;
  const feed = async (args: readonly string[], text: string) => {
    const result = await run(tools.nft, [...args, '-f', '-'], { input: text });
    return result.code === 0 ? ({ done: true } as const) : ({ done: false, reason: firstLine(result) } as const);
  };
  return {
    apply: async (text) => {
      commits += 1;
      const answer = (await session?.take(text)) === true ? ({ done: true } as const) : await feed([], text);
      if (!answer.done) commits -= 1;
      return answer;
    },
    check: (text) => feed(['-c'], text),
    live: async () => {
      const results = await Promise.all(
        tableNames.map((table) => run(tools.nft, ['-j', 'list', 'table', ...table.split(' ')], { isListing: true })),
      );
      const texts = results.filter((result) => result.code === 0).map((result) => result.stdout);
      return texts.length === 0 ? undefined : readLive(texts);
    },
    reference: async (text) => {
      const script = `${tools.nft} -f - && ${listings(tools.nft)}`;
      const result = await run(tools.unshare, ['--net', 'sh', '-c', script], { input: text, isListing: true });
      return result.code === 0 ? readLive(result.stdout.split('\n').filter((line) => line !== '')) : undefined;
    },
    commits: () => commits,
  };
};

/** Can this text be loaded at all? Tried in a namespace of its own, which needs no privilege where that is allowed. */
export const checkElsewhere = async (text: string, tools: Tools): Promise<NftAnswer> => {
  const args = ['--map-root-user', '--net', tools.nft, '-c', '-f', '-'];
  const result = await runTool(tools.unshare, args, { input: text });
  return result.code === 0 ? { done: true } : { done: false, reason: firstLine(result) };
};
