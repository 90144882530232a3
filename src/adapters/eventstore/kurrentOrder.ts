/**
 * Appends under way, kept in the order they were asked for wherever they meet in a stream. The server keeps the order of
 * appends to one stream that travel on one connection, so those may follow each other at once; an append to several
 * streams travels by another way, so whatever touches its streams waits for its turn.
 */

export type AppendOrder = {
  /** `together`: to several streams. Starts `append` when everything it must follow has ended, however it ended. */
  readonly run: <T>(streams: readonly string[], together: boolean, append: () => Promise<T>) => Promise<T>;
};

/** `blocking`: whatever comes after must wait for it. */
type UnderWay = { readonly blocking: boolean; readonly ended: Promise<unknown> };

export const createAppendOrder = (): AppendOrder => {
  const newest = new Map<string, UnderWay>();
  return {
    run: (streams, together, append) => {
      const ahead = streams.map((stream) => newest.get(stream)).filter((one) => one !== undefined);
      const awaited = ahead.filter((one) => together || one.blocking);
      const answer = awaited.length === 0 ? append() : Promise.allSettled(awaited.map((one) => one.ended)).then(append);
      const ended = Promise.allSettled([answer, ...ahead.map((one) => one.ended)]);
      const underWay: UnderWay = { blocking: together || awaited.length > 0, ended };
      for (const stream of streams) newest.set(stream, underWay);
      void ended.then(() => {
        for (const stream of streams) if (newest.get(stream) === underWay) newest.delete(stream);
      });
      return answer;
    },
  };
};
