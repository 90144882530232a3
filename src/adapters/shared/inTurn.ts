/** One act after the other, for what must find things as the act before it left them. An act that fails holds nobody up. */

export type InTurn = <A>(act: () => Promise<A>) => Promise<A>;

export const createInTurn = (): InTurn => {
  let underway: Promise<unknown> = Promise.resolve();
  return (act) => {
    const answer = underway.then(act);
    underway = answer.catch(() => undefined);
    return answer;
  };
};
