/** `edgelog replay`: opens what is to be replayed, runs the sandboxes and says in words what came of it. Changes nothing anywhere. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { HookAnswer, HookRefusal, ReplayWords, Words } from '../adapters/cli/hooks.ts';
import { type Parting, type ReplayReport, replayLog } from '../adapters/replay/replay.ts';
import type { ReplayOptions, ReplayProgress } from '../adapters/replay/replaySource.ts';
import { entryOf, ownCode } from '../adapters/replay/sandboxProcess.ts';
import { stepLog } from '../adapters/replay/steps.ts';
import { stepLines } from '../adapters/replay/stepText.ts';
import { StoreFault } from '../domain/eventStore.ts';
import { isRefusal } from '../domain/refusals.ts';
import { bundleSource, dataFolderSource, type OpenedSource } from './replaySources.ts';

const progressText = ({ stage, done, total, perSecond, secondsLeft }: ReplayProgress): string =>
  `${stage}: ${done} of ${total} events, ${Math.round(perSecond)}/s, ${Math.ceil(secondsLeft)} s left`;

const open = async ({ from, data, key }: ReplayWords): Promise<OpenedSource | HookRefusal> => {
  if (from === undefined) return dataFolderSource(resolve(data));
  const source = await bundleSource(resolve(from), key === undefined ? undefined : await readFile(key, 'utf8'));
  return isRefusal(source) ? { refused: source.refused, detail: source.detail } : source;
};

const eventText = ({ position, type, id }: { position: number; type: string; id: string }): string =>
  `position ${position}, ${type} (event ${id})`;

const partingText = (parting: Parting): string => {
  if (parting.fault !== undefined) return `They part at ${eventText(parting)}: ${parting.fault}.`;
  const digest = (one: string | null): string => one ?? 'no document';
  return [
    `They part at ${eventText(parting)}: behind it the documents of ${parting.cluster} are not the same.`,
    `  running code  ${digest(parting.running)}`,
    `  other code    ${digest(parting.other)}`,
  ].join('\n');
};

const differingText = ({ differing, firstDiffering }: ReplayReport): readonly string[] => {
  if (firstDiffering === null) return [];
  const { delivery, after, by } = firstDiffering;
  return [
    `${differing.length} delivered documents are not rebuilt as they were recorded. The first one:`,
    `  cluster ${delivery.cluster}, version ${delivery.version}, epoch ${delivery.epoch}, recorded at position ${delivery.position}`,
    `  recorded ${delivery.recorded}`,
    `  rebuilt  ${delivery.rebuilt ?? 'no document'}`,
    `It parts behind position ${after}, at the latest with ${by === null ? `position ${delivery.version}` : eventText(by)}.`,
  ];
};

const answerOf = (report: ReplayReport, isCompared: boolean): HookAnswer => {
  const { events, lastPosition, deliveries, parting, fault, differing } = report;
  const isSame = differing.length === 0 && parting === null && fault === null;
  const lines = [
    `Replayed ${events} events up to position ${lastPosition}, compared ${deliveries} delivered documents.`,
    ...differingText(report),
    ...(parting === null ? [] : [partingText(parting)]),
    ...(fault === null || parting !== null ? [] : [`The replay ended at position ${fault.position}: ${fault.detail}.`]),
    ...(isSame ? ['Every one of them is rebuilt as it was recorded.'] : []),
    ...(isSame && isCompared ? ['The other code makes the same documents as the running one.'] : []),
  ];
  return { exit: isSame ? 0 : 1, text: lines.join('\n'), data: { ...report, same: isSame } };
};

const optionsOf = (asked: ReplayWords, source: OpenedSource, words: Words): ReplayOptions => ({
  source,
  code: asked.code === undefined ? ownCode : resolve(asked.code),
  ...(asked.code === undefined ? {} : { running: ownCode }),
  ...(asked.to === undefined ? {} : { to: asked.to }),
  onProgress: (progress) => words.progress(progressText(progress)),
});

const stepped = async (asked: ReplayWords, options: ReplayOptions): Promise<HookAnswer> => {
  let events = 0;
  for await (const step of stepLog(options, asked.after ?? -1)) {
    events += 1;
    await asked.onStep(step, stepLines(step));
  }
  return { exit: 0, text: '', data: { events } };
};

const refusalOf = (thrown: unknown): HookRefusal => {
  if (thrown instanceof StoreFault) return { refused: 'log-unreadable', detail: `${thrown.message}.` };
  if (thrown instanceof Error && 'syscall' in thrown)
    return { refused: 'file-unreadable', detail: `${thrown.message}.` };
  throw thrown;
};

export const replayWords = async (asked: ReplayWords, words: Words): Promise<HookAnswer | HookRefusal> => {
  if (asked.code !== undefined && !existsSync(entryOf(resolve(asked.code)))) {
    const detail = `${asked.code} is no checkout of Edgelog that can replay: src/adapters/replay/child.ts is not there.`;
    return { refused: 'no-such-code', detail };
  }
  let source: OpenedSource | HookRefusal | undefined;
  try {
    source = await open(asked);
    if ('refused' in source) return source;
    const options = optionsOf(asked, source, words);
    return asked.isStepped
      ? await stepped(asked, options)
      : answerOf(await replayLog(options), asked.code !== undefined);
  } catch (thrown) {
    return refusalOf(thrown);
  } finally {
    if (source !== undefined && 'close' in source) source.close();
  }
};
