/** How far clusters and nodes have got, as answers show it. What nobody told is `null`: unknown is never shown as good. */
import { choice, list, name, object, orNull, position, record, type Schema, text, whole, yesNo } from '../schema.ts';

const reached = (description: string): Schema => orNull(position(description));
const refusal = object({ reason: text('Stable word'), detail: { type: 'string' } }, ['reason', 'detail']);

export const nodeConvergenceSchema = record('NodeConvergence', {
  node: name('Node'),
  accepted: reached('Newest document it took'),
  applied: reached('Newest document it has in force'),
  agent: choice('Who applies documents there', ['kernel', 'plan', 'none', 'unknown']),
  ageMs: orNull(whole('Age of its last report', 0)),
  refusal: orNull(refusal),
  traceparent: orNull(text('Trace context of the newest document it took')),
  converged: orNull(yesNo('Whether it has applied what is wanted')),
});

export const clusterConvergenceSchema = record('ClusterConvergence', {
  cluster: name('Cluster'),
  epoch: whole('Epoch of the figures', 0),
  wanted: reached('Version of the latest document'),
  published: reached('Version its lane was last nudged for'),
  delivered: reached('Version its controller said true to'),
  applied: reached('Lowest version its nodes have in force'),
  lagPositions: orNull(whole('How far applied is behind wanted', 0)),
  lagMs: orNull(whole('For how long it has been behind', 0)),
  failuresInARow: whole('Pushes that failed since the last that did not', 0),
  lastFailure: orNull(
    object({ reason: text('Stable word'), detail: { type: 'string' }, at: whole('When, ms since 1970', 0) }, [
      'reason',
      'detail',
      'at',
    ]),
  ),
  converged: orNull(yesNo('Whether all its nodes have applied what is wanted')),
  nodes: list(nodeConvergenceSchema, 100_000, 'Its nodes'),
});

export const convergenceSchema = record('Convergence', {
  converged: orNull(yesNo('Whether every cluster has; null when some cannot tell')),
  clusters: list(clusterConvergenceSchema, 100_000, 'All clusters'),
});
