/**
 * Stories as transcripts: a text of requests, each followed by what came back. Playing a story gives the same text with the
 * answers of now; equal texts mean that nothing changed. `REWRITE=1` writes them anew: read the difference before keeping it.
 *
 *   # words                      > PUT /v1/configuration?dryRun=true     ! deliver PARTI00
 *                                > Header: value                         ! pass 60
 *                                { "body": 1 }
 */

export type Step =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'stage'; readonly what: string; readonly argument: string }
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly path: string;
      readonly headers: { readonly [name: string]: string };
      readonly body: string | undefined;
    };

/** The steps of a story; answers (`<` lines and what follows them) are left out. */
export const readStory = (text: string): readonly Step[] => text.split(/\n\n+(?=[#>!<])/).flatMap(readBlock);

const readBlock = (block: string): readonly Step[] => {
  const trimmed = block.trim();
  switch (trimmed[0]) {
    case '#':
      return [{ kind: 'words', text: trimmed }];
    case '!': {
      const [what = '', argument = ''] = trimmed.slice(2).split(' ', 2);
      return [{ kind: 'stage', what, argument }];
    }
    case '>':
      return [readRequest(trimmed.split('\n'))];
    default:
      return [];
  }
};

const readRequest = (lines: readonly string[]): Step => {
  const head = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
  const [method = '', path = ''] = (head[0] ?? '').split(' ', 2);
  const headers = Object.fromEntries(
    head.slice(1).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = lines.filter((line) => !line.startsWith('> ')).join('\n');
  return { kind: 'request', method, path, headers, body: body === '' ? undefined : body };
};

const shownHeaders = [
  'content-type',
  'etag',
  'edgelog-position',
  'edgelog-epoch',
  'edgelog-version',
  'edgelog-stamp',
  'allow',
  'retry-after',
];

/** A step as it stands in the story. */
export const writeStep = (step: Step): string => {
  switch (step.kind) {
    case 'words':
      return step.text;
    case 'stage':
      return `! ${step.what} ${step.argument}`.trim();
    case 'request': {
      const headers = Object.entries(step.headers).map(([name, value]) => `> ${name}: ${value}`);
      return [`> ${step.method} ${step.path}`, ...headers, ...(step.body === undefined ? [] : [step.body])].join('\n');
    }
  }
};

/** An answer as it stands in the story: status, the headers that say something, the body laid out for reading. */
export const writeAnswer = (
  status: number,
  headers: { readonly [name: string]: string | string[] | undefined },
  text: string,
): string => {
  const shown = shownHeaders.flatMap((name) => (headers[name] === undefined ? [] : [`< ${name}: ${headers[name]}`]));
  return [`< ${status}`, ...shown.filter((line) => line !== '< content-type: application/json'), ...laidOut(text)].join(
    '\n',
  );
};

const laidOut = (text: string): readonly string[] => {
  if (text === '') return [];
  if (!/^[[{]/.test(text)) return [text.trimEnd().replaceAll(/\n\n+/g, '\n')];
  return text
    .trim()
    .split('\n')
    .map((line) => layOut(JSON.parse(line), ''));
};

const WIDE = 110;

/** JSON with one line for what fits on a line. */
const layOut = (value: unknown, indent: string): string => {
  const flat = JSON.stringify(value) ?? 'null';
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= WIDE) return flat;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => `${inner}${layOut(item, inner)}`)
    : Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${layOut(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`;
};
