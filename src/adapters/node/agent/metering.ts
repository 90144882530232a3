/**
 * Bytes and packets per instance and direction, private and public, read from the counting sets. Whoever exports them gets
 * numbers; they start again when a whole ruleset had to be replaced.
 */
import { type AccountName, accountNames } from '../../../projections/plan/edgeRules.ts';
import type { Plan } from '../../../projections/plan/model.ts';
import { runTool, type Tools } from './tool.ts';

export type Count = { readonly packets: number; readonly bytes: number };

export type InstanceTraffic = { readonly instanceId: string; readonly privateIp: string } & {
  readonly [direction in AccountName]: Count;
};

const nothing: Count = { packets: 0, bytes: 0 };

const readCounts = async (tools: Tools, name: AccountName): Promise<Map<string, Count>> => {
  const result = await runTool(tools.nft, ['-j', 'list', 'set', 'ip', 'edge', `acct_${name}`]);
  const counts = new Map<string, Count>();
  if (result.code !== 0) return counts;
  for (const item of (JSON.parse(result.stdout) as { nftables: { set?: { elem?: unknown[] } }[] }).nftables) {
    for (const element of item.set?.elem ?? []) {
      const body = (element as { elem?: { val?: string; counter?: Count } }).elem;
      if (body?.val !== undefined && body.counter !== undefined) counts.set(body.val, body.counter);
    }
  }
  return counts;
};

export const readTraffic = async (tools: Tools, plan: Plan | undefined): Promise<InstanceTraffic[]> => {
  if (plan === undefined) return [];
  const [inPrivate, inPublic, outPrivate, outPublic] = await Promise.all(
    accountNames.map((name) => readCounts(tools, name)),
  );
  return [...plan.instances.values()].map(({ instance: { id, privateIp } }) => ({
    instanceId: id,
    privateIp,
    in_private: inPrivate?.get(privateIp) ?? nothing,
    in_public: inPublic?.get(privateIp) ?? nothing,
    out_private: outPrivate?.get(privateIp) ?? nothing,
    out_public: outPublic?.get(privateIp) ?? nothing,
  }));
};

/** What the guards have stopped so far, by the counters' names. */
export const readDrops = async (tools: Tools): Promise<Record<string, Count>> => {
  const drops: Record<string, Count> = {};
  for (const family of ['bridge', 'ip']) {
    const result = await runTool(tools.nft, ['-j', 'list', 'counters', 'table', family, 'edge']);
    if (result.code !== 0) continue;
    for (const item of (JSON.parse(result.stdout) as { nftables: { counter?: { name: string } & Count }[] }).nftables) {
      if (item.counter !== undefined) {
        drops[item.counter.name] = { packets: item.counter.packets, bytes: item.counter.bytes };
      }
    }
  }
  return drops;
};
