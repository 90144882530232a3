/**
 * `npm run soak -- --minutes 10`: everything as real processes, clients that wish, and one fault after the other; says every ten
 * seconds how it goes and in the end what was found. Nothing is left behind. Exit code 0: nothing was found, 1: something was.
 */
import { parseArgs } from 'node:util';
import { redisObstacle } from '../test/adapters/broadcast/redisServer.ts';
import { runFaults } from './soak.d/faults.ts';
import { judge } from './soak.d/judge.ts';
import { watchWorld } from './soak.d/watch.ts';
import { runClient, type Tally } from './soak.d/wishes.ts';
import { openWorld } from './soak.d/world.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '4' },
    'control-planes': { type: 'string', default: '1' },
    'settle-seconds': { type: 'string', default: '90' },
    'memory-mib': { type: 'string', default: '600' },
    store: { type: 'string', default: 'sqlite' },
    unsigned: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const obstacle = redisObstacle();
if (obstacle !== undefined) {
  process.stderr.write(`${obstacle}\n`);
  process.exit(2);
}

const seed = Number(values.seed);
const begun = performance.now();
const elapsed = (): string => {
  const seconds = Math.round((performance.now() - begun) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

say(`${elapsed()}  starting a control plane, two workers, two cluster controllers, four nodes and Redis; seed ${seed}`);
const world = await openWorld({
  signed: !values.unsigned,
  controlPlanes: Number(values['control-planes']),
  store: values.store === 'kurrentdb' ? 'kurrentdb' : 'sqlite',
});
const end = performance.now() + Number(values.minutes) * 60_000;
const isOver = (): boolean => performance.now() > end;
const tally: Tally = { accepted: 0, refused: 0, repeated: 0, slowestMs: 0 };
const faults = new Map<string, number>();
const watch = watchWorld(world);
const places = [...world.clusters].flatMap(([cluster, nodes]) => nodes.map((node) => [cluster, node] as const));
const bases = world.bases;

const memory = (): string => [...watch.memory].map(([role, mib]) => `${role} ${mib.toFixed(0)}`).join(', ');
const progress = setInterval(() => {
  const count = [...faults.values()].reduce((sum, one) => sum + one, 0);
  say(
    `${elapsed()}  ${tally.accepted} accepted, ${tally.refused} refused, ${tally.repeated} repeated, slowest ${(tally.slowestMs / 1000).toFixed(1)} s; ${count} faults; ${watch.documents()} documents seen; MiB ${memory()}; findings ${watch.findings.size}`,
  );
}, 10_000);

try {
  const clients = Array.from({ length: Number(values.clients) }, (_, i) =>
    runClient(`s${i}`, { bases, places, seed: seed * 100 + i, isOver, tally }),
  );
  const trouble: string[] = [];
  await runFaults(world, seed, isOver, (what) => {
    say(`${elapsed()}    ${what}`);
    const kind = what.replace(/\d+/g, 'n');
    faults.set(kind, (faults.get(kind) ?? 0) + 1);
  }).catch((fault: Error) => trouble.push(`a fault could not be undone: ${fault.message}`));
  const kept = (await Promise.all(clients)).flat();
  clearInterval(progress);
  say(`${elapsed()}  everything is whole again; ${kept.length} answers to be found in the log`);
  const { findings, settledMs, events } = await judge(world, kept, bases, Number(values['settle-seconds']) * 1000);
  await watch.stop();
  const heavy = [...watch.memory].flatMap(([role, mib]) =>
    mib > Number(values['memory-mib']) ? [`${role} took ${mib.toFixed(0)} MiB`] : [],
  );
  const all = [...watch.findings, ...trouble, ...findings, ...heavy];
  for (const [what, times] of [...faults].sort()) say(`        ${String(times).padStart(4)}  ${what}`);
  say(
    `${elapsed()}  ${events} events, ${watch.documents()} documents seen on nodes, settled after ${(settledMs / 1000).toFixed(1)} s; MiB ${memory()}`,
  );
  for (const finding of all.slice(0, 50)) say(`FOUND   ${finding}`);
  say(all.length === 0 ? 'nothing was found' : `${all.length} findings`);
  process.exitCode = all.length === 0 ? 0 : 1;
} finally {
  clearInterval(progress);
  await watch.stop();
  await world.close();
}
