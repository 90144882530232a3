/** The route table as a page for people (`docs/http.md`): generated, so that it cannot say anything else than the door does. */
import { accessText } from './openapi.ts';
import { problemCatalogue } from './problems.ts';
import type { Route } from './route.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const rowOf = (route: Route): string =>
  `| \`${route.method} ${route.path}\` | ${cell(route.summary)} | ${accessText(route.access)} | ${Object.keys(
    route.query ?? {},
  )
    .filter((parameter) => !parameter.startsWith('filter.'))
    .map((parameter) => `\`${parameter}\``)
    .join(' ')} |`;

const tableOf = (tag: string, routes: readonly Route[]): string =>
  [`## ${tag}`, '', '| route | what | who | parameters |', '|---|---|---|---|', ...routes.map(rowOf)].join('\n');

const problems = (): string =>
  [
    '## Problems',
    '',
    'Every error is an RFC 9457 problem; its `type` is the address of a page that explains it.',
    '',
    '| code | status | title | what to do next |',
    '|---|---|---|---|',
    ...[...problemCatalogue.values()].map(
      ({ code, status, title, next }) => `| \`${code}\` | ${status} | ${cell(title)} | ${cell(next)} |`,
    ),
  ].join('\n');

const opening = `# HTTP

Generated from the route table by \`REWRITE=1 node --test test/adapters/http/reference.test.ts\`. The whole form of every
request and answer is at \`/openapi.json\` of a running control plane.

- **Who**: roles that may, and in brackets whether a key bound to an account may (\`account\`) or only unbound ones (\`cloud\`).
  Keys come as \`Authorization: Bearer el_…\`. On loopback without keys every request acts as \`local-operator\`.
- **Commands** take \`Idempotency-Key\` (the same key is the same wish, carried out once), \`?dryRun=true\`, and
  \`?wait=projected|published|delivered|applied&timeout=SECONDS\`: 200 when it has got there, 202 with what is missing.
- **If-Match** takes the ETag of an instance, group, cluster or the configuration; 412 when it has changed since.
- **Reads** take \`?at=\`: a position, a time with its zone, or an event id. \`Edgelog-Position\` and \`Edgelog-Epoch\` say what an
  answer rests on. Collections are paged by \`limit\` and \`cursor\`.
- **The log** is paged by \`limit\` and position: \`next\` of one page is \`after\` of the following one, or with \`order=newest\` its
  \`before\`. \`GET /v1/events?order=newest&limit=20&subject=i-…\` are the last twenty events about one thing. \`from\` and \`to\` are
  times by the clock of the log, which stands still where that of the machine was set back.
- **Bodies** are strict JSON: no duplicate members, no unknown members, no numbers beyond 2^53.`;

export const referenceOf = (routes: readonly Route[]): string => {
  const byTag = Map.groupBy(routes, ({ tag }) => tag);
  return `${[opening, ...Array.from(byTag, ([tag, of]) => tableOf(tag, of)), problems()].join('\n\n')}\n`;
};
