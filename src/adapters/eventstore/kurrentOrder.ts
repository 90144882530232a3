/**
 * Appends under way, kept in the order they were asked for wherever they meet in a stream. Single appends that travel on one
 * connection that is known to work may follow each other at once: the server keeps their order. All else takes turns: the
 * first append of a connection, one after a failure, and appends to several streams, which travel another way.
 */

export type AppendOrder = {
  /** `alone`: may not overtake nor be overtaken. Starts `append` when everything it must follow has ended, however it ended. */
  readonly run: <T>(streams: readonly string[], alone: boolean, append: () => Promise<T>) => Promise<T>;
};

/** `blocking`: whatever comes after must wait for it. */
type UnderWay = { readonly blocking: boolean; readonly ended: Promise<unknown> };

/** `pipelined`: the server keeps the order of single appends on one connection. */
export const createAppendOrder = (pipelined: boolean): AppendOrder => {
  const newest = new Map<string, UnderWay>();
  /** The last append went well, so its connection is there. */
  let proven = false;

  const proving = async <T>(append: () => Promise<T>): Promise<T> => {
    try {
      const answer = await append();
      proven = pipelined;
      return answer;
    } catch (thrown) {
      proven = false;
      throw thrown;
    }
  };

  return {
    run: (streams, alone, append) => {
      const together = alone || !proven;
      const act = (): ReturnType<typeof append> => proving(append);
      const ahead = streams.map((stream) => newest.get(stream)).filter((one) => one !== undefined);
      const awaited = ahead.filter((one) => together || one.blocking);
      const answer = awaited.length === 0 ? act() : Promise.allSettled(awaited.map((one) => one.ended)).then(act);
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
