/**
 * Measures Edgelog beside what its figures are ratios to, in one run: `npm run bench`, `npm run bench -- --quick` (about two
 * minutes), `npm run bench -- --only change,append`. Every cloud is judged after it was measured: documents equal those rebuilt
 * from the log, and nothing acknowledged is lost. Prints each row as it is known, then the table; writes JSON and a plot.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAppend } from '../bench/append.ts';
import { runBulk } from '../bench/bulk.ts';
import { type BenchOptions, runChange } from '../bench/change.ts';
import { runFanout } from '../bench/fanout.ts';
import { type Row, row, shortNumber, tableOf } from '../bench/figures.ts';
import { runMemory } from '../bench/memory.ts';
import { plotOf } from '../bench/plot.ts';
import { runReads } from '../bench/reads.ts';
import { runReplay } from '../bench/replay.ts';
import { runRestart } from '../bench/restart.ts';
import { runSustained } from '../bench/sustained.ts';

type Suite = (options: BenchOptions) => Promise<void>;

/** The node agent measures itself beside `nft` alone; it needs namespaces and says so where there are none. */
const agent: Suite = async ({ quick, onRow }) => {
  const { run } = await import('../bench/agent.ts');
  const judged = (one: { name: string; n: number; ms: number; ratio: number; of: string }): Row =>
    row({ suite: 'agent', name: one.name, n: one.n, value: one.ms, unit: 'ms', ratio: one.ratio, of: one.of });
  for (const one of await run({ quick })) {
    const plain = judged(one);
    const target = one.target === undefined ? {} : { target: String(one.target) };
    onRow({ ...plain, ...target, ...(one.met === undefined ? {} : { met: one.met }) });
  }
};

const suites: Readonly<Record<string, Suite>> = {
  change: runChange,
  append: runAppend,
  bulk: runBulk,
  sustained: runSustained,
  replay: runReplay,
  restart: runRestart,
  fanout: runFanout,
  memory: runMemory,
  reads: runReads,
  agent,
};

const words = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
  allowPositionals: false,
});

const wished = words.values.only?.split(',') ?? Object.keys(suites);
const unknown = wished.find((name) => suites[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`bench: there is no suite ${unknown}. Suites: ${Object.keys(suites).join(', ')}\n`);
  process.exit(2);
}

const rows: Row[] = [];
const onRow = (one: Row): void => {
  rows.push(one);
  const verdict = one.met === undefined ? '' : one.met ? '  met' : `  missed (${one.target})`;
  process.stderr.write(
    `${one.suite}: ${one.name} ${shortNumber(one.n)}: ${shortNumber(one.value)} ${one.unit}${verdict}\n`,
  );
};

const failures: string[] = [];
for (const name of wished) {
  try {
    await suites[name]?.({ quick: words.values.quick, onRow });
  } catch (fault) {
    failures.push(`${name}: ${(fault as Error).message}`);
    process.stderr.write(`bench: ${failures.at(-1)}\n`);
  }
}

const about = {
  at: new Date().toISOString(),
  quick: words.values.quick,
  machine: { cores: cpus().length, model: cpus()[0]?.model ?? '', kernel: release(), node: process.version },
};
const results = resolve(dirname(fileURLToPath(import.meta.url)), '../bench/results');
const name = words.values.quick ? 'quick' : 'full';
mkdirSync(results, { recursive: true });
writeFileSync(join(results, `${name}.json`), `${JSON.stringify({ ...about, rows, failures }, null, 2)}\n`);
writeFileSync(
  join(results, `${name}.svg`),
  plotOf(rows, `Edgelog, ${about.at.slice(0, 10)}, ${about.machine.cores} cores`),
);
process.stdout.write(`${tableOf(rows)}\n`);
const missed = rows.filter(({ met }) => met === false).length;
process.stdout.write(
  `${rows.length} figures, ${missed} missed their target, ${failures.length} suites failed. ${join('bench', 'results', `${name}.json`)}\n`,
);
process.exit(failures.length > 0 ? 1 : 0);
