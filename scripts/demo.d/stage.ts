/** Plays steps one after the other: carries a step out, shows what it changed in the node files, and remembers its times. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Carried, Cloud, Wish } from './cloud.ts';
import { differences, factsOf } from './facts.ts';
import type { NodeFiles } from './nodeFiles.ts';

export type Played = {
  readonly title: string;
  readonly events: number;
  readonly acceptedMs: number;
  /** From accepted command to the last replaced file; undefined when no file changed. */
  readonly fileMs: number | undefined;
};

export type Stage = {
  readonly play: (title: string, wish: Wish) => Promise<Carried>;
  readonly played: () => readonly Played[];
};

const nothing = factsOf('<network-data/>');
const documentOf = (text: string) => (text === '' ? nothing : factsOf(text));

const shortMs = (ms: number): string => `${ms.toFixed(1)} ms`;

/** Nodes whose documents are alike are told together. */
const alike = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const [node, text] of texts) groups.set(text, [...(groups.get(text) ?? []), node]);
  return groups;
};

const changeLines = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] =>
  [...alike(after)].flatMap(([text, nodes]) => {
    const old = before.get(nodes[0] ?? '') ?? '';
    if (old === text) return [`${nodes.join(' and ')}: nothing changed`];
    const [was, is] = [documentOf(old), documentOf(text)];
    const version = `version ${was.attributes['version'] ?? 'none'} -> ${is.attributes['version'] ?? 'none'}`;
    const size = `${Buffer.byteLength(old)} -> ${Buffer.byteLength(text)} bytes`;
    const lines = differences(was.facts, is.facts);
    return [
      `${nodes.join(' and ')}: ${version}, ${size}`,
      ...(lines.length === 0 ? ['  (nothing but the version)'] : lines.map((line) => `  ${line}`)),
    ];
  });

/** When the last file was replaced after `since`; the kernel tells a little later than it happens. */
const lastReplaced = async (files: NodeFiles, since: number): Promise<number | undefined> => {
  for (let look = 0; look < 20; look += 1) {
    const moments = [...files.replacedAt().values()].filter((moment) => moment >= since);
    if (moments.length > 0) return Math.max(...moments);
    await sleep(10);
  }
  return undefined;
};

const fileTime = async (files: NodeFiles, carried: Carried): Promise<number> => {
  const at = files.folder === undefined ? undefined : await lastReplaced(files, carried.sentAt);
  return Math.max(0, (at ?? carried.everywhereAt) - carried.acceptedAt);
};

const sameTexts = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  [...b].every(([node, text]) => a.get(node) === text);

export const openStage = (cloud: Cloud, files: NodeFiles, print: (line: string) => void): Stage => {
  const played: Played[] = [];
  const play: Stage['play'] = async (title, wish) => {
    const before = await files.read();
    const carried = await cloud.carry(wish);
    const after = await files.read();
    const isChanged = !sameTexts(before, after);
    const fileMs = isChanged ? await fileTime(files, carried) : undefined;
    const acceptedMs = carried.acceptedAt - carried.sentAt;
    played.push({ title, events: carried.events, acceptedMs, fileMs });
    const where = files.folder === undefined ? 'everywhere' : 'in all node files';
    const many = carried.events === 1 ? '1 event' : `${carried.events} events`;
    print('');
    print(`${played.length}. ${title}`);
    print(
      `   accepted after ${shortMs(acceptedMs)} at position ${carried.position} (${many})` +
        (fileMs === undefined ? '' : `, ${where} ${shortMs(fileMs)} later`),
    );
    for (const line of changeLines(before, after)) print(`   ${line}`);
    return carried;
  };
  return { play, played: () => played };
};
