/**
 * Takes a cloud over in memory, as `edgelog takeover` shows it: reads the document as a node would, carries the wishes out on a
 * log that nobody keeps, and holds what nodes would be told against what they are told now.
 */
import type { HookRefusal, Takeover, TakeoverWords } from '../adapters/cli/hooks.ts';
import { createMemoryStore } from '../adapters/eventstore/memory.ts';
import { readDocument } from '../adapters/node/documentReader.ts';
import { isRefusal } from '../domain/refusals.ts';
import { buildDocument } from '../projections/document/build.ts';
import type { NetworkDocument } from '../projections/document/model.ts';
import { documentInputs, settingsIn } from '../projections/documentInputs.ts';
import { documentDifferences } from '../projections/takeover/differences.ts';
import { type KnownBeside, type TakeoverWish, takeoverWishes } from '../projections/takeover/wishes.ts';
import { createCloudCore, houseContext } from './cloudCore.ts';

const besideOf = ({ groups, elastic }: TakeoverWords): KnownBeside => ({
  groups: new Map(groups.map(({ id, ...about }) => [id, about])),
  elastic: new Map(elastic.map(({ address, account }) => [address, account])),
});

const subjectOf = (wish: TakeoverWish): string => {
  switch (wish.type) {
    case 'AuthorizeIngress':
    case 'CreateSecurityGroup':
      return wish.groupId ?? '';
    case 'AllocateAddress':
      return wish.address ?? '';
    case 'ChangeProperty':
      return wish.name;
    case 'PostConfiguration':
      return '';
    default:
      return wish.cluster;
  }
};

/** What was refused, and the document that came out. */
const rehearse = async (wishes: readonly TakeoverWish[]): Promise<{ rejected: string[]; made: NetworkDocument }> => {
  const store = createMemoryStore();
  const faults: Error[] = [];
  const core = createCloudCore({
    ...{ store, cloud: 'main', observers: [] },
    onProgress: () => undefined,
    onFault: (fault) => faults.push(fault),
  });
  core.projector.start();
  await core.projector.inSync;
  const rejected: string[] = [];
  for (const [index, wish] of wishes.entries()) {
    const done = await core.executor.execute(wish, { ...houseContext('takeover', 0), commandId: `takeover-${index}` });
    if (isRefusal(done)) rejected.push(`${wish.type} ${subjectOf(wish)}: ${done.detail}`);
    else if (done.position >= 0) await core.projector.reached(done.position);
    if (faults[0] !== undefined) throw faults[0];
  }
  const network = core.projector.network();
  await core.projector.stop();
  await store.close();
  return { rejected, made: buildDocument(documentInputs(network), settingsIn(network)['edgelog.document.dialect']) };
};

const countsOf = ({ configuration, instances, securityGroups }: NetworkDocument): Takeover['counts'] => ({
  clusters: configuration.clusters.length,
  nodes: configuration.clusters.reduce((count, { nodes }) => count + nodes.length, 0),
  instances: instances.length,
  groups: securityGroups.length,
  rules: securityGroups.reduce((count, { rules }) => count + rules.length, 0),
});

export const rehearseTakeover = async (words: TakeoverWords): Promise<Takeover | HookRefusal> => {
  const read = readDocument(Buffer.from(words.document));
  if (isRefusal(read)) {
    return { refused: read.refused, detail: read.detail, next: 'Take the file from a node whose agent applied it.' };
  }
  const { document } = read;
  const beside = besideOf(words);
  const wishes = takeoverWishes(document, beside);
  const { rejected, made } = await rehearse(wishes);
  const shown = document.instances.flatMap(({ publicIp }) => publicIp ?? []);
  return {
    wishes: wishes.map(({ type: command, ...members }) => ({ command, ...members })),
    rejected,
    differences: documentDifferences(document, made),
    counts: countsOf(document),
    unnamed: document.securityGroups.filter(({ id }) => !beside.groups.has(id)).length,
    system: shown.filter((address) => !beside.elastic.has(address)).length,
  };
};
