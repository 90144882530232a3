/**
 * What an agent in another process says through files beside the document: our own writes its status, Eucalyptus' eucanetd the
 * stamp it has applied (`global_network_info.version`, node spec 2.4). Read when they change and every so often; a file that
 * is not what it should be says nothing.
 */
import { join } from 'node:path';
import { readIfThere } from '../shared/atomicFile.ts';
import type { DocumentOrder } from '../shared/receivedDocument.ts';
import { statusFile, versionFile } from './agent/agentWork.ts';
import { watchFile } from './agent/watches.ts';
import type { AgentWord } from './nodeController.ts';

export type AgentSightOptions = {
  readonly folder: string;
  readonly orderOf: (stamp: string) => DocumentOrder | undefined;
  readonly hear: (word: AgentWord) => void;
};

const LOOK_EVERY_MS = 5_000;

type Fields = { readonly [member: string]: unknown };

const record = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const orderIn = (value: unknown): DocumentOrder | null => {
  const { epoch, position } = record(value) ?? {};
  return typeof epoch === 'number' && typeof position === 'number' ? { epoch, position } : null;
};

const refusalIn = (value: unknown): AgentWord['refusal'] => {
  const { reason, detail } = record(value) ?? {};
  return typeof reason === 'string' && typeof detail === 'string' ? { reason, detail: detail.slice(0, 500) } : null;
};

/** The word in our own agent's status; undefined when there is none in it. */
export const wordInStatus = (text: string): AgentWord | undefined => {
  let status: Fields | undefined;
  try {
    status = record(JSON.parse(text));
  } catch {
    return undefined;
  }
  const mode = status?.['mode'];
  if (status === undefined || (mode !== 'kernel' && mode !== 'plan')) return undefined;
  return { agent: mode, applied: orderIn(status['applied']), refusal: refusalIn(status['refusal']) };
};

const sameWord = (a: AgentWord | undefined, b: AgentWord): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Looks from now on; returns how to stop. */
export const watchAgent = ({ folder, orderOf, hear }: AgentSightOptions): { readonly stop: () => void } => {
  const files = { status: join(folder, statusFile), version: join(folder, versionFile) };
  let last: AgentWord | undefined;
  let isLooking = false;
  let isAgain = false;

  const text = async (file: string): Promise<string | undefined> =>
    (await readIfThere(file).catch(() => undefined))?.toString('utf8');

  const look = async (): Promise<void> => {
    const status = await text(files.status);
    const ours = status === undefined ? undefined : wordInStatus(status);
    const stamp = ours === undefined ? await text(files.version) : undefined;
    const word: AgentWord | undefined =
      stamp === undefined
        ? ours
        : { agent: 'kernel', applied: orderOf(stamp.trim()) ?? last?.applied ?? null, refusal: null };
    if (word === undefined || sameWord(last, word)) return;
    last = word;
    hear(word);
  };

  const lookSoon = (): void => {
    if (isLooking) {
      isAgain = true;
      return;
    }
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
      if (!isAgain) return;
      isAgain = false;
      lookSoon();
    });
  };

  const watches = [watchFile(files.status, lookSoon), watchFile(files.version, lookSoon)];
  const timer = setInterval(lookSoon, LOOK_EVERY_MS);
  timer.unref();
  lookSoon();
  return {
    stop: () => {
      clearInterval(timer);
      for (const watch of watches) watch.stop();
    },
  };
};
