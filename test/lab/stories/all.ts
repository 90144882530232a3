/** Every story the lab tells, in order. */
import { chainStories } from './chain.ts';
import { chanceStories } from './chance.ts';
import { changeStories } from './changes.ts';
import { instanceStories } from './instances.ts';
import type { Story } from './story.ts';
import { upkeepStories } from './upkeep.ts';

export const allStories: readonly Story[] = [
  ...changeStories,
  ...upkeepStories,
  ...instanceStories,
  ...chainStories,
  ...chanceStories,
];
