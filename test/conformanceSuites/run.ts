/**
 * Runs every suite file of a folder and says what came out of each case. Whatever it cannot judge (a file it cannot read,
 * a suite nobody registered, a case without an id, a case that never ends) is a failure, never a skip.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Suite, Suites, Verdict } from './verdict.ts';

export type Result = { readonly suite: string; readonly id: string; readonly verdict: Verdict };

const caseTimeLimitMs = 60_000;

/** All results in the order of file names, then of cases. */
export const runFolder = async (folder: string, suites: Suites): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const file of suiteFiles(folder)) results.push(...(await runFile(join(folder, file), file, suites)));
  return results.length > 0 ? results : [broken(folder, 'at least one suite file', 'none in this folder')];
};

const suiteFiles = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
};

const runFile = async (path: string, file: string, suites: Suites): Promise<readonly Result[]> => {
  const content = readJson(path);
  if (content instanceof Error) return [broken(file, 'a JSON file', content.message)];
  if (!isRecord(content) || typeof content['suite'] !== 'string' || !Array.isArray(content['cases'])) {
    return [broken(file, 'members "suite" and "cases"', content)];
  }
  const name = content['suite'];
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
  const results: Result[] = [];
  for (const [index, c] of content['cases'].entries()) results.push(await runCase(name, suite, c, index));
  return results;
};

const runCase = async (name: string, suite: Suite | undefined, c: unknown, index: number): Promise<Result> => {
  if (!isRecord(c) || typeof c['id'] !== 'string') return broken(`${name}[${index}]`, 'a case with an id', c, name);
  const id = c['id'];
  if (suite === undefined) return broken(id, `a suite named ${name}`, 'no such suite is registered', name);
  try {
    return { suite: name, id, verdict: await withinLimit(suite, { ...c, id }) };
  } catch (fault) {
    return broken(id, c['expected'], fault instanceof Error ? (fault.stack ?? fault.message) : fault, name);
  }
};

const withinLimit = async (suite: Suite, c: Case): Promise<Verdict> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Verdict>((resolve) => {
    const late: Verdict = { passed: false, expected: c['expected'], got: `no verdict within ${caseTimeLimitMs} ms` };
    timer = setTimeout(() => resolve(late), caseTimeLimitMs);
  });
  try {
    return await Promise.race([suite(c), limit]);
  } finally {
    clearTimeout(timer);
  }
};

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (fault) {
    return fault instanceof Error ? fault : new Error(String(fault));
  }
};

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

const broken = (id: string, expected: unknown, got: unknown, suite = id): Result => ({
  suite,
  id,
  verdict: { passed: false, expected, got },
});
