/** What must hold in the end, when everything that was broken is whole again. Every finding is one sentence. */
import { readFile } from 'node:fs/promises';
import { openStore } from '../../src/adapters/eventstore/open.ts';
import { categories } from '../../src/domain/aggregates.ts';
import { decodeRecorded } from '../../src/domain/codec.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { fullDocument } from '../../src/projections/documents.ts';
import { foldAll } from '../../src/projections/network/runner.ts';
import { entries } from '../../src/projections/trie.ts';
import { insist, type Kept } from './wishes.ts';
import type { World } from './world.ts';

type Log = readonly Recorded<DomainEvent>[];

const readLog = async (url: string): Promise<Log> => {
  const store = await openStore(url, { insecure: true, categories });
  const stored = await store.readAll(-1, Number.MAX_SAFE_INTEGER);
  await store.close();
  return stored.map(decodeRecorded);
};

/** Everything that was answered is in the log, all of it, once. */
const lost = (log: Log, kept: readonly Kept[]): readonly string[] => {
  const byCommand = Map.groupBy(log, ({ commandId }) => commandId);
  const at = new Map(log.map((recorded) => [recorded.position, recorded]));
  return kept.flatMap(({ wish, position, events }) => {
    const found = byCommand.get(at.get(position)?.commandId ?? '')?.length ?? 0;
    return found === events ? [] : [`${wish.key}: answered with ${events} events at ${position}, the log has ${found}`];
  });
};

const gaps = (log: Log): readonly string[] =>
  log
    .flatMap(({ position }, i) => (position === i + 1 ? [] : [`the log has ${position} where ${i + 1} belongs`]))
    .slice(0, 3);

const held = (log: Log): readonly string[] => {
  const holders = new Map<string, string>();
  const findings: string[] = [];
  for (const [, { id, state, privateAddress, publicAddress }] of entries(foldAll(log).instances)) {
    if (state === 'TERMINATED' || state === 'BURIED') continue;
    for (const address of new Set([privateAddress, publicAddress])) {
      if (address === undefined || address === '0.0.0.0') continue;
      const other = holders.get(address);
      if (other !== undefined) findings.push(`${address} is held by ${other} and ${id}`);
      holders.set(address, id);
    }
  }
  return findings;
};

/** Sentences that a process only says when something was not thought of. */
const NEVER_SAID = /was left alone|TypeError|RangeError|ReferenceError|AssertionError|out of memory/;

const unexpected = ({ lastWords, members }: World): readonly string[] => [
  ...lastWords.flatMap(({ name, exit, said }) =>
    exit === undefined ? [] : [`${name} ended by itself, or not in good order, with ${exit}: ${said.slice(-500)}`],
  ),
  ...[...lastWords, ...members.map(({ name, process }) => ({ name, said: process()?.said() ?? '' }))].flatMap(
    ({ name, said }) => said.split('\n').flatMap((line) => (NEVER_SAID.test(line) ? [`${name} said: ${line}`] : [])),
  ),
];

export type Settled = { readonly findings: readonly string[]; readonly settledMs: number; readonly events: number };

/** Waits until nothing follows any more from what happened, and every file is what follows from the log; or says what is not. */
const settle = async (
  world: World,
  limitMs: number,
): Promise<{ readonly log: Log; readonly open: readonly string[] }> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const log = await readLog(world.log);
    const network = foldAll(log);
    const open: string[] = [];
    for (const [cluster, nodes] of world.clusters) {
      const document = fullDocument(network, cluster);
      const bytes = document === undefined ? '' : Buffer.concat([...document.pieces]).toString();
      for (const node of nodes) {
        const file = await readFile(world.fileOf(node), 'utf8').catch(() => 'nothing');
        if (file !== bytes) open.push(`${node} has ${file.slice(40, 200)}, the log says ${bytes.slice(40, 200)}`);
      }
      const status = await world.api.cluster(cluster).catch(() => undefined);
      if (status?.converged !== true) open.push(`the status of ${cluster} is ${JSON.stringify(status)}`);
    }
    const quarantined = await world.api.call('GET', '/v1/private-addresses?state=quarantined').catch(() => undefined);
    const waiting = quarantined?.body['items'] as readonly unknown[] | undefined;
    if (waiting?.length !== 0) open.push(`${waiting?.length} private addresses still wait for nodes`);
    if (open.length === 0 || performance.now() > end) return { log, open };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** Some of what was answered is wished for again under its key: the same answer. */
const answeredAgain = async (bases: readonly string[], kept: readonly Kept[]): Promise<readonly string[]> => {
  const some = kept.filter((_, i) => i % Math.ceil(kept.length / 300) === 0);
  const findings: string[] = [];
  for (const { wish, position, events, result } of some) {
    const answer = await insist(bases, wish, () => undefined);
    const isSame =
      answer?.position === position &&
      answer.events === events &&
      JSON.stringify(answer.result) === JSON.stringify(result);
    if (!isSame) findings.push(`${wish.key}: answered differently the second time: ${JSON.stringify(answer)}`);
  }
  return findings;
};

export const judge = async (
  world: World,
  kept: readonly Kept[],
  bases: readonly string[],
  limitMs: number,
): Promise<Settled> => {
  const begun = performance.now();
  const again = await answeredAgain(bases, kept);
  const { log, open } = await settle(world, limitMs);
  const settledMs = performance.now() - begun;
  return {
    findings: [
      ...lost(log, kept),
      ...(world.log.startsWith('sqlite:') ? gaps(log) : []),
      ...held(log),
      ...again,
      ...open,
      ...unexpected(world),
    ],
    settledMs,
    events: log.length,
  };
};
