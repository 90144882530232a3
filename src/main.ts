/**
 * The composition root. What a process is made of is in `roles/`, one file per role; this file only chooses between serving
 * and the command line, and turns the answer into an exit code.
 */
import { serve } from './roles/serve.ts';

const flagsOf = (words: readonly string[]): Readonly<Record<string, string>> => {
  const flags: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (!word.startsWith('--')) continue;
    const [name = '', value] = word.slice(2).split('=', 2);
    const next = words[i + 1];
    if (value !== undefined) flags[name] = value;
    else if (next !== undefined && !next.startsWith('--')) {
      flags[name] = next;
      i += 1;
    } else flags[name] = 'true';
  }
  return flags;
};

process.exitCode = await serve(flagsOf(process.argv.slice(3)), process.env);
process.exit();
