/** The hops of one answer while it is being found, and the answer they end in. */
import type { InstanceView } from '../network/views.ts';
import type { Explanation, Hop, RuleAt } from './explanation.ts';

export type Verdict = Explanation['verdict'];

export type Trail = {
  readonly add: (hop: Hop) => void;
  /** `target` is the instance whose node decided. */
  readonly end: (verdict: Verdict, found?: { readonly rule?: RuleAt; readonly target?: InstanceView }) => Explanation;
};

export const createTrail = (): Trail => {
  const hops: Hop[] = [];
  return {
    add: (hop) => {
      hops.push(hop);
    },
    end: (verdict, { rule, target } = {}) => ({
      verdict,
      hops,
      ...(rule === undefined ? {} : { rule }),
      ...(target?.node === undefined ? {} : { decidedBy: { cluster: target.cluster, node: target.node } }),
      restsOn: hops.reduce((newest, { at = -1 }) => Math.max(newest, at), rule?.at ?? -1),
    }),
  };
};
