/** What the door says about itself: the OpenAPI document, a page for every problem, and a first page with the way to all. */
import { escapeHtml, page, pagePolicy } from '../html.ts';
import { prefers } from '../negotiation.ts';
import type { OpenApi } from '../openapi.ts';
import { type ProblemEntry, problemCatalogue, problemEntry, problemPath } from '../problems.ts';
import type { Answer, Exchange, Route } from '../route.ts';
import { anyObject, list, name, record, type Schema, text, whole } from '../schema.ts';

const tag = 'pages';
const htmlOr = (schema: Schema): Route['responses'] => ({
  200: { 'application/json': schema, 'text/html': { type: 'string' } },
});

const entrySchema = record('ProblemPage', {
  type: text('Address of this page'),
  code: name('Stable name'),
  status: whole('HTTP status', 400, 599),
  title: text('In a few words'),
  explanation: text('What it means', { maxLength: 4096 }),
  next: text('What to do next', { maxLength: 4096 }),
});

const entryBody = ({ code, status, title, explanation, next }: ProblemEntry): object => ({
  type: problemPath(code),
  code,
  status,
  title,
  explanation,
  next,
});

const html = (title: string, body: string): Answer => ({
  kind: 'text',
  type: 'text/html; charset=utf-8',
  text: page(title, body),
  headers: { 'Content-Security-Policy': pagePolicy },
});

const wantsPage = ({ headers }: Exchange): boolean =>
  prefers(headers.accept, ['application/json', 'text/html']) === 'text/html';

const entryPage = (entry: ProblemEntry): Answer =>
  html(
    entry.title,
    `<h1>${escapeHtml(entry.title)}</h1><p><code>${escapeHtml(entry.code)}</code>, HTTP ${entry.status}</p>` +
      `<p>${escapeHtml(entry.explanation)}</p><h2>What to do next</h2><p>${escapeHtml(entry.next)}</p>` +
      '<p><a href="/problems">All problems</a></p>',
  );

const listPage = (entries: readonly ProblemEntry[]): Answer => {
  const rows = entries.map(
    ({ code, status, title }) =>
      `<tr><td><a href="${escapeHtml(problemPath(code))}">${escapeHtml(code)}</a></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  return html('Problems', `<h1>Problems</h1><table>${rows.join('')}</table>`);
};

const links: readonly (readonly [address: string, what: string])[] = [
  ['/openapi.json', 'All routes, as OpenAPI 3.1'],
  ['/v1/status', 'How things stand'],
  ['/v1/convergence', 'How far every cluster and node has got'],
  ['/v1/events', 'The log'],
  ['/problems', 'All problems, what they mean and what to do'],
  ['/readyz', 'Whether it takes commands'],
  ['/metrics', 'Metrics for Prometheus'],
];

const landing = (version: string): Answer =>
  html(
    'Edgelog',
    `<h1>Edgelog ${escapeHtml(version)}</h1><p>The log is the truth, the document is a view, the job is a hint, the version is the promise.</p>` +
      `<table>${links.map(([address, what]) => `<tr><td><a href="${address}">${address}</a></td><td>${what}</td></tr>`).join('')}</table>`,
  );

const sentOn = (home: string): Answer => ({
  kind: 'text',
  status: 303,
  type: 'text/plain; charset=utf-8',
  text: `See ${home}\n`,
  headers: { Location: home, Vary: 'Accept' },
});

/** `home`: where browsers go instead of the page that lists everything. */
export const pageRoutes = (openApi: () => OpenApi, version: string, home?: string): readonly Route[] => [
  {
    id: 'landing',
    method: 'GET',
    path: '/',
    tag,
    summary: 'The way to everything',
    access: 'anyone',
    responses: htmlOr(
      record('Landing', {
        version: text('Version'),
        links: { type: 'object', additionalProperties: { type: 'string' } },
      }),
    ),
    answer: (exchange) => {
      if (!wantsPage(exchange)) return { kind: 'json', body: { version, links: Object.fromEntries(links) } };
      return home === undefined ? landing(version) : sentOn(home);
    },
  },
  {
    id: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    tag,
    summary: 'This document',
    access: 'anyone',
    responses: { 200: { 'application/json': anyObject('OpenAPI 3.1') } },
    answer: () => ({ kind: 'json', body: openApi() }),
  },
  {
    id: 'listProblems',
    method: 'GET',
    path: '/problems',
    tag,
    summary: 'All problems',
    access: 'anyone',
    responses: htmlOr(record('ProblemPages', { items: list(entrySchema, 10_000, 'Problems') })),
    answer: (exchange) => {
      const all = [...problemCatalogue.values()];
      return wantsPage(exchange) ? listPage(all) : { kind: 'json', body: { items: all.map(entryBody) } };
    },
  },
  {
    id: 'getProblem',
    method: 'GET',
    path: '/problems/{code}',
    tag,
    summary: 'What a problem means and what to do next',
    access: 'anyone',
    parameters: { code: name('Code of the problem', 200) },
    responses: htmlOr(entrySchema),
    answer: (exchange) => {
      const entry = problemEntry(exchange.path['code'] ?? '');
      return wantsPage(exchange) ? entryPage(entry) : { kind: 'json', body: entryBody(entry) };
    },
  },
];
