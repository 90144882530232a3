/**
 * `npm run bench`: every figure the house is measured by, as a table, as JSON and as a plot in `bench/results`. `-- --quick` ends
 * within two minutes; `-- --only change,replay` runs some suites. A suite whose judge finds anything wrong has no figures.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run as runAgent } from '../bench/agent.ts';
import { runAppend } from '../bench/append.ts';
import { runBulk } from '../bench/bulk.ts';
import { type BenchOptions, runChange } from '../bench/change.ts';
import { runFanout } from '../bench/fanout.ts';
import { markdownOf, type Row, row, tableOf } from '../bench/figures.ts';
import { runMemory } from '../bench/memory.ts';
import { plotOf } from '../bench/plot.ts';
import { paceOf, say } from '../bench/progress.ts';
import { runReads } from '../bench/reads.ts';
import { runReplay } from '../bench/replay.ts';
import { runRestart } from '../bench/restart.ts';
import { runSustained } from '../bench/sustained.ts';

const agentSuite = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  await runAgent({
    quick,
    onRow: ({ name, n, ms, ratio, of, target, met }) => {
      const facts = { suite: 'agent', name, n, value: ms, unit: 'ms', ratio, of };
      onRow({ ...row(facts), ...(target === undefined ? {} : { target }), ...(met === undefined ? {} : { met }) });
    },
  });
};

const suites: { readonly [name: string]: (options: BenchOptions) => Promise<void> } = {
  change: runChange,
  sustained: runSustained,
  append: runAppend,
  bulk: runBulk,
  replay: runReplay,
  restart: runRestart,
  fanout: runFanout,
  memory: runMemory,
  reads: runReads,
  agent: agentSuite,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: '' },
  },
});

const machine = () => ({
  processors: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
});

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
};

const wanted = values.only === '' ? Object.keys(suites) : values.only.split(',');
const unknown = wanted.find((name) => suites[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`There is no suite ${unknown}. There are: ${Object.keys(suites).join(', ')}\n`);
  process.exit(2);
}

const folder = values.out === '' ? fileURLToPath(new URL('../bench/results', import.meta.url)) : values.out;
const kind = values.quick ? 'quick' : 'full';
/** Some suites are no run: what the last whole one found stays. */
const name = values.only === '' ? kind : `${kind}-part`;

type Seconds = { readonly [suite: string]: number };

/** What each suite took on the run before; on a first run they are taken for equal. */
const secondsBefore = async (): Promise<Seconds> => {
  try {
    const before = JSON.parse(await readFile(join(folder, `${kind}.json`), 'utf8')) as { readonly seconds?: Seconds };
    return before.seconds ?? {};
  } catch {
    return {};
  }
};

const before = await secondsBefore();
const pace = paceOf(wanted, (suite) => before[suite] ?? (values.quick ? 10 : 100));
const rows: Row[] = [];
const faults: string[] = [];
const seconds: { [suite: string]: number } = { ...before };
for (const suite of wanted) {
  pace.begin(suite);
  const found: Row[] = [];
  try {
    await suites[suite]?.({ quick: values.quick, onRow: (made) => found.push(made) });
    rows.push(...found);
  } catch (fault) {
    faults.push(`${suite}: ${(fault as Error).stack ?? String(fault)}`);
  }
  seconds[suite] = Number(pace.end().toFixed(1));
}
process.stdout.write(`${tableOf(rows)}\n`);

const made = { at: new Date().toISOString(), commit: commit(), quick: values.quick, machine: machine(), seconds, rows };
await mkdir(folder, { recursive: true });
await writeFile(join(folder, `${name}.json`), `${JSON.stringify(made, null, 1)}\n`);
await writeFile(join(folder, `${name}.md`), `${markdownOf(rows)}\n`);
const { processors, model } = made.machine;
const title = `Edgelog ${made.commit}, ${made.at.slice(0, 10)}, ${processors} processors (${model})`;
await writeFile(join(folder, `${name}.svg`), plotOf(rows, title));
for (const fault of faults) say(`no figures: ${fault}`);
const missed = rows.filter(({ met }) => met === false).length;
const judged = rows.filter(({ met }) => met !== undefined).length;
say(
  `${judged - missed} of ${judged} targets met, ${Math.round(wanted.reduce((sum, suite) => sum + (seconds[suite] ?? 0), 0))} s`,
);
process.exit(faults.length > 0 ? 1 : 0);
