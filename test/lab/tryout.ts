/**
 * Tries properties: all of them as things should be, then each again with exactly its cause left out. Properties with the
 * same cause share one re-programming.
 */
import type { Lab } from './lab.ts';
import type { Property } from './properties/property.ts';
import type { Scene } from './story.ts';
import { forgetNeighbours } from './world.ts';

export type Outcome = { readonly name: string; readonly ok: boolean; readonly detail: string };

/** Seconds a probe waits for what should happen, and for what should not. */
const long = 5;
const short = 0.2;

const groupBy = <T>(items: readonly T[], key: (item: T) => string): [string, T[]][] => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
};

export const tryProperties = async (
  lab: Lab,
  properties: readonly Property[],
  tell: (outcome: Outcome) => void,
): Promise<void> => {
  const first = new Map<string, boolean>();
  let shown = '';
  const show = async (scene: Scene | undefined): Promise<void> => {
    const text = JSON.stringify(scene ?? {});
    if (text === shown) return;
    shown = text;
    await lab.publish(scene ?? {});
    forgetNeighbours();
  };
  const probe = (property: Property, expected: boolean): Promise<boolean> =>
    property.probe(lab, expected ? long : short);

  for (const [, same] of groupBy(properties, ({ base }) => JSON.stringify(base ?? {}))) {
    await show(same[0]?.base);
    for (const property of same) first.set(property.name, await probe(property, property.holds));
  }
  for (const [, same] of groupBy(properties, ({ cause }) => JSON.stringify(cause))) {
    const cause = same[0]?.cause;
    if (cause === undefined) continue;
    if ('guard' in cause) await lab.retune({ without: cause.guard });
    if ('options' in cause) await lab.retune(cause.options);
    for (const property of same) {
      await show('scene' in cause ? cause.scene : property.base);
      const second = await probe(property, !property.holds);
      const one = first.get(property.name);
      tell({
        name: property.name,
        ok: one === property.holds && second === !property.holds,
        detail: `as it should be: ${one}, without ${JSON.stringify(cause)}: ${second}, expected ${property.holds} and ${!property.holds}`,
      });
    }
    if (!('scene' in cause)) await lab.retune({});
  }
};
