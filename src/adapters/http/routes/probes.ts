/** Probes and metrics: for whatever keeps this process alive and watches it. */
import { type Answer, type Exchange, everyone, type Route } from '../route.ts';
import { choice, list, name, record, type Schema, yesNo } from '../schema.ts';

const tag = 'probes';

/** Without details: probes need no credentials, and details may name what is inside. */
const probeSchema: Schema = record('Probe', {
  status: choice('Summary', ['ok', 'not ok']),
  checks: list(
    record('ProbeCheck', { name: name('What was looked at'), ok: yesNo('Whether it is well') }),
    1000,
    'Checks',
  ),
});

const probe =
  (which: 'live' | 'ready') =>
  ({ controlPlane }: Exchange): Answer => {
    const health = controlPlane.health();
    const checks = health.checks.map((check) => ({ name: check.name, ok: check.ok }));
    return {
      kind: 'json',
      status: health[which] ? 200 : 503,
      body: { status: health[which] ? 'ok' : 'not ok', checks },
    };
  };

const probeResponses: Route['responses'] = {
  200: { 'application/json': probeSchema },
  503: { 'application/json': probeSchema },
};

export const probeRoutes: readonly Route[] = [
  {
    id: 'healthz',
    method: 'GET',
    path: '/healthz',
    tag,
    summary: 'Whether the process works; restart it if not',
    access: 'anyone',
    responses: probeResponses,
    answer: probe('live'),
  },
  {
    id: 'readyz',
    method: 'GET',
    path: '/readyz',
    tag,
    summary: 'Whether it is in sync and takes commands',
    access: 'anyone',
    responses: probeResponses,
    answer: probe('ready'),
  },
  {
    id: 'metrics',
    method: 'GET',
    path: '/metrics',
    tag,
    summary: 'Metrics in the text form of Prometheus',
    access: everyone,
    responses: { 200: { 'text/plain': { type: 'string' } } },
    answer: async ({ controlPlane }) => {
      const { contentType, text } = await controlPlane.metrics();
      return { kind: 'text', type: contentType, text };
    },
  },
];
