/**
 * Where in the sources something happened, for people: a built program's files say little, but have a map beside them. Only
 * for texts; costs a file read, so it is asked only when something went wrong.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()]+):(\d+):(\d+)/;

/** One line of a stack, with its place in the sources when it is one of a built file; the same line otherwise. */
export const inSources = (line: string): string => {
  const [found = '', url = '', row = '', column = ''] = PLACE.exec(line) ?? [];
  if (found === '') return line;
  try {
    const file = fileURLToPath(url);
    if (!existsSync(`${file}.map`)) return line;
    const origin = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))).findOrigin(
      Number(row),
      Number(column),
    );
    if (!('fileName' in origin)) return line;
    return line.replace(
      found,
      `${resolve(dirname(file), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`,
    );
  } catch {
    return line;
  }
};
