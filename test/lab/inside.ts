/**
 * The lab's own run, inside its room: builds the world, tries every property and tells every story, and says how each went
 * as one JSON line. A fault of one never hides the others.
 */
import { createLab, type Lab } from './lab.ts';
import { allProperties } from './properties/all.ts';
import type { Property } from './properties/property.ts';
import { allStories } from './stories/all.ts';
import type { Story } from './stories/story.ts';
import { stranger } from './story.ts';
import { type Outcome, tryProperties } from './tryout.ts';
import { batch } from './world.ts';

const only = process.env['EDGELOG_LAB_ONLY'] ?? '';
const chosen = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.filter(({ name }) => name.includes(only));

const properties: readonly Property[] = chosen(allProperties);
const stories: readonly Story[] = chosen(allStories);

const tell = (outcome: Outcome & { readonly ms?: number }): void => {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
};

const tellStory = async (lab: Lab, { name, run }: Story): Promise<void> => {
  const begun = performance.now();
  const outcome = await run(lab).then(
    () => ({ name, ok: true, detail: '' }),
    (error: Error) => ({ name, ok: false, detail: error.stack ?? error.message }),
  );
  tell({ ...outcome, ms: Math.round(performance.now() - begun) });
  if (!outcome.ok) await lab.retune({}).catch(() => undefined);
};

const lab = await createLab();
try {
  await lab.retune({});
  await lab.publish();
  batch([`link set dev ${stranger.port} master br-edge up`], stranger.node);
  await lab.puppet('n1').tell('listen', { device: 'br-edge' });
  if (properties.length > 0) await tryProperties(lab, properties, tell);
  for (const story of stories) await tellStory(lab, story);
} finally {
  await lab.close();
}
process.exit(0);
