/**
 * Tries properties: all of them as things should be, then each again with exactly its cause left out. Properties with the
 * same cause share one re-programming.
 */
import type { NodeOptions } from '../../src/projections/plan/model.ts';
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

type Result = { readonly property: Property; readonly happened: boolean };

/** Side by side, except those that disturb others. */
const probeAll = async (lab: Lab, properties: readonly Property[], upsideDown: boolean): Promise<Result[]> => {
  const probe = async (property: Property): Promise<Result> => {
    const expected = property.holds !== upsideDown;
    return { property, happened: await property.probe(lab, expected ? long : short) };
  };
  const results = await Promise.all(properties.filter(({ alone }) => alone !== true).map(probe));
  for (const property of properties.filter(({ alone }) => alone === true)) results.push(await probe(property));
  return results;
};

const causeOrder = ({ cause }: Property): number => ('scene' in cause ? 1 : 0);

export const tryProperties = async (
  lab: Lab,
  properties: readonly Property[],
  tell: (outcome: Outcome) => void,
): Promise<void> => {
  const first = new Map<string, boolean>();
  const sceneOf = ({ base }: Property): string => JSON.stringify(base ?? {});
  let shown = '';
  const show = async (scene: Scene): Promise<void> => {
    if (JSON.stringify(scene) !== shown) await lab.publish(scene);
    shown = JSON.stringify(scene);
    forgetNeighbours();
    await lab.forgetFrames();
  };

  for (const [, same] of groupBy(properties, sceneOf)) {
    await show(same[0]?.base ?? {});
    for (const { property, happened } of await probeAll(lab, same, false)) first.set(property.name, happened);
  }
  let tuned = '{}';
  const tune = async (options: Partial<NodeOptions>): Promise<void> => {
    if (JSON.stringify(options) !== tuned) await lab.retune(options);
    tuned = JSON.stringify(options);
  };
  const ordered = properties.toSorted((a, b) => causeOrder(a) - causeOrder(b));
  for (const [, same] of groupBy(ordered, (property) => JSON.stringify([property.cause, sceneOf(property)]))) {
    const [{ cause, base } = { cause: { scene: {} }, base: {} }] = same;
    await tune('guard' in cause ? { without: cause.guard } : 'options' in cause ? cause.options : {});
    await show('scene' in cause ? cause.scene : (base ?? {}));
    for (const { property, happened } of await probeAll(lab, same, true)) {
      tell(outcome(property, first.get(property.name), happened));
    }
  }
  await tune({});
};

const outcome = ({ name, holds, cause }: Property, one: boolean | undefined, two: boolean): Outcome => ({
  name,
  ok: one === holds && two === !holds,
  detail: `as it should be: ${one}, without ${JSON.stringify(cause)}: ${two}, expected ${holds} and ${!holds}`,
});
