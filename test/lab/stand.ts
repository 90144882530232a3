/**
 * The lab for a person: builds the same world, keeps it until it is told to end, and publishes whatever scene is written
 * into `scene.json` of its folder. Started by `scripts/lab up`.
 */
import { watch } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLab } from './lab.ts';
import { actorNames, actors, nodeAddresses, outside, portOf, type Scene, stranger } from './story.ts';
import { batch } from './world.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('expected the folder of the lab as the only argument');

const lab = await createLab();
await lab.retune({});
await lab.publish();
batch([`link set dev ${stranger.port} master br-edge up`], stranger.node);

const people = [
  `n1  node ${nodeAddresses.n1.private} (fabric) ${nodeAddresses.n1.public} (public)`,
  `n2  node ${nodeAddresses.n2.private} (fabric) ${nodeAddresses.n2.public} (public)`,
  `client  ${outside.client}, outside`,
  `clc  ${outside.clc}, cloud controller on the fabric, answers on :8773`,
  ...actorNames.map((name) => {
    const who = actors[name];
    const elastic = 'publicIp' in who ? `, ${who.publicIp}` : '';
    return `${name}  ${who.id} on ${who.node}, ${who.ip}${elastic}, ${who.groups.join(' ')}, port ${portOf(who)}`;
  }),
  `x1  on n1, in no document: its port is dead`,
];
await writeFile(join(folder, 'people'), `${people.join('\n')}\n`);

const say = (words: string): Promise<void> => writeFile(join(folder, 'said'), `${words}\n`);

/** One scene after the other, also when several are written at once. */
let turn: Promise<void> = Promise.resolve();
const show = async (): Promise<void> => {
  try {
    const scene = JSON.parse(await readFile(join(folder, 'scene.json'), 'utf8')) as Scene;
    const stamp = await lab.publish(scene);
    await say(`applied on both nodes as version ${stamp.version}`);
  } catch (error) {
    await say(`not applied: ${(error as Error).message}`);
  }
};
watch(folder, (_event, name) => {
  if (name === 'scene.json') turn = turn.then(show);
});
await writeFile(join(folder, 'ready'), `${lab.folder}\n`);
process.once('SIGTERM', () => void lab.close().then(() => process.exit(0)));
