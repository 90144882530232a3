/** Finds the running program and its node files, plays the story, and closes with a table of steps and times. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plain } from '../../src/adapters/cli/show/colour.ts';
import { column, type Item, tableLines } from '../../src/adapters/cli/show/table.ts';
import { type Cloud, openCloud, Stopped } from './cloud.ts';
import { findFolder, type NodeFiles, openNodeFiles, servedDocument } from './nodeFiles.ts';
import { openStage, type Played } from './stage.ts';
import { CLUSTER, mayReplaceConfiguration, playStory } from './story.ts';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const nodesOf = async (cloud: Cloud): Promise<readonly string[]> => {
  const clusters = await cloud.all('/v1/clusters');
  const found = clusters.find(({ name }) => name === CLUSTER);
  if (found === undefined) {
    throw new Stopped(
      `There is no cluster ${CLUSTER} at ${cloud.origin}. The story needs what scripts/up starts without --no-cluster.`,
    );
  }
  return (found['nodes'] as readonly Item[]).map(({ name }) => String(name)).sort();
};

/** Files of another program would show another story: they must be what the API serves, if not yet then soon. */
const openFiles = async (cloud: Cloud, nodes: readonly string[]): Promise<NodeFiles> => {
  const document = (): Promise<string> => cloud.text(`/v1/clusters/${CLUSTER}/document`);
  const root = join(import.meta.dirname, '../..');
  const folder = findFolder([process.env['EDGELOG_DATA'], 'data', join(root, 'data')], nodes);
  if (folder === undefined) return servedDocument(`cluster ${CLUSTER}`, document);
  const files = openNodeFiles(folder, nodes);
  for (let look = 0; look < 30; look += 1) {
    const served = await document();
    if ([...(await files.read()).values()].every((text) => text === served)) return files;
    await sleep(100);
  }
  files.close();
  return servedDocument(`cluster ${CLUSTER}`, document);
};

const ms = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));

const columns = [
  column('STEP', 'title'),
  column('EVENTS', 'events'),
  column('SENT TO ACCEPTED, ms', ({ acceptedMs }) => ms(acceptedMs as number)),
  column('ACCEPTED TO LAST NODE FILE, ms', ({ fileMs }) => ms(fileMs as number | undefined)),
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const showSummary = (played: readonly Played[]): void => {
  print('');
  for (const line of tableLines(columns, played, plain)) print(line);
  const times = played.flatMap(({ fileMs }) => (fileMs === undefined ? [] : [fileMs]));
  print('');
  print(
    `${times.length} of ${played.length} steps changed the nodes; median from accepted command to last node file ${ms(median(times))} ms.`,
  );
};

const demonstrate = async (): Promise<void> => {
  const cloud = openCloud(process.env);
  const nodes = await nodesOf(cloud);
  if (!process.argv.includes('--replace') && !(await mayReplaceConfiguration(cloud))) {
    throw new Stopped(
      'The running program has a configuration of its own. To replace it by the examples: scripts/demo --replace',
    );
  }
  const files = await openFiles(cloud, nodes);
  try {
    print(`Edgelog at ${cloud.origin}, cluster ${CLUSTER} with nodes ${nodes.join(' and ')}`);
    print(
      files.folder === undefined
        ? 'The node files are not on this machine: showing the document of the cluster.'
        : `Node files below ${files.folder}`,
    );
    const stage = openStage(cloud, files, print);
    await playStory(cloud, stage, nodes);
    showSummary(stage.played());
  } finally {
    files.close();
  }
};

/** Whoever reads the story may stop reading (`scripts/demo | head`). */
process.stdout.on('error', () => process.exit(0));

try {
  await demonstrate();
} catch (fault) {
  if (!(fault instanceof Stopped)) throw fault;
  process.stderr.write(`demo: ${fault.message}\n`);
  process.exitCode = 1;
}
