/** What a bench says while it works: on standard error, so that the table stands alone on standard output. */

export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

export type Pace = {
  /** A suite begins. */
  readonly begin: (name: string) => void;
  /** It is over; how long it took, in seconds. */
  readonly end: () => number;
};

/** `usual`: seconds a suite took on the run before, or usually takes. Says how much is left, from both. */
export const paceOf = (
  wanted: readonly string[],
  usual: (name: string) => number,
  now = () => performance.now(),
): Pace => {
  let at = -1;
  let begun = now();
  let [planned, spent] = [0, 0];
  const left = (): number => {
    const rest = wanted.slice(at).reduce((sum, name) => sum + usual(name), 0);
    return rest * (planned > 0 ? spent / planned : 1);
  };
  return {
    begin: (name) => {
      at += 1;
      begun = now();
      say(`${at + 1} of ${wanted.length}: ${name}, about ${Math.ceil(left())} s left`);
    },
    end: () => {
      const seconds = (now() - begun) / 1000;
      planned += usual(wanted[at] ?? '');
      spent += seconds;
      return seconds;
    },
  };
};
