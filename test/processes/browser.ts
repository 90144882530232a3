/**
 * A real browser without a package: Chromium without a window, spoken to over its own debugging protocol. Where there is none,
 * `browserObstacle` says so. `EDGELOG_CHROMIUM` names the program; without it the usual names are tried.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from './processes.ts';

const usualNames = ['chromium', 'chromium-browser', 'google-chrome'];

const works = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

export const browserProgram = (): string | undefined => {
  const named = process.env['EDGELOG_CHROMIUM'];
  return named === undefined ? usualNames.find(works) : works(named) ? named : undefined;
};

const usualFlags = (profile: string): readonly string[] => [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // Whoever is root has no user namespace to shut the browser in; the pages are our own.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  `--user-data-dir=${profile}`,
];

/** Whether it can show a page here: in some containers its sandbox cannot be made. */
const shows = (program: string): boolean => {
  const profile = mkdtempSync(join(tmpdir(), 'edgelog-browser-'));
  try {
    const words = [...usualFlags(profile), '--dump-dom', 'about:blank'];
    const { stdout } = spawnSync(program, words, { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' });
    return stdout.includes('<html>');
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
};

/** Why there is no browser; undefined when there is one. */
export const browserObstacle = (): string | undefined => {
  const program = browserProgram();
  if (program === undefined) return 'no Chromium here: apt-get install chromium, or name one in EDGELOG_CHROMIUM';
  return shows(program) ? undefined : `${program} cannot show a page here; name another in EDGELOG_CHROMIUM`;
};

/** The elements of a page once its program has run for so long by its own clock. */
export const dumpOf = async (t: TestContext, address: string, budgetMs = 4000): Promise<string> => {
  const profile = await mkdtemp(join(tmpdir(), 'edgelog-browser-'));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const words = [...usualFlags(profile), `--virtual-time-budget=${budgetMs}`, '--dump-dom', address];
  const child = spawn(browserProgram() ?? '', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  await once(child, 'close');
  clearTimeout(late);
  return text;
};

export type Page = {
  /** The value of an expression in the page; promises are waited for. Throws what the page throws. */
  readonly ask: <T>(expression: string) => Promise<T>;
  /** Waits until the expression is true. */
  readonly until: (expression: string, what: string) => Promise<void>;
  readonly go: (address: string) => Promise<void>;
  /** Roles of what can be focused although nobody who cannot see is told what it is. */
  readonly nameless: () => Promise<readonly string[]>;
  /** Errors and refused loads the page has reported so far. */
  readonly complaints: readonly string[];
};

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly [member: string]: unknown };
  readonly result?: { readonly [member: string]: unknown };
  readonly error?: { readonly message: string };
};

type Call = (method: string, params?: object) => Promise<Record<string, unknown>>;

const connected = async (address: string, onEvent: (message: Message) => void): Promise<Call> => {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (e: Error) => void }>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (asked === undefined) onEvent(message);
    else if (message.error !== undefined) asked.reject(new Error(message.error.message));
    else asked.resolve(message.result ?? {});
    if (message.id !== undefined) waiting.delete(message.id);
  });
  let last = 0;
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
};

const complaintIn = ({ method, params = {} }: Message): string | undefined => {
  if (method === 'Runtime.exceptionThrown') return JSON.stringify(params['exceptionDetails']);
  if (method !== 'Log.entryAdded') return undefined;
  const entry = params['entry'] as { readonly level: string; readonly text: string; readonly url?: string };
  return entry.level === 'error' ? `${entry.text} ${entry.url ?? ''}` : undefined;
};

/** The address of the first page's debugger, once the browser has written down its port. */
const debuggerOf = async (profile: string): Promise<string> => {
  const file = join(profile, 'DevToolsActivePort');
  let port = '';
  await until(async () => {
    port = (await readFile(file, 'utf8').catch(() => '')).split('\n')[0] ?? '';
    return port !== '';
  }, 'the browser to listen');
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly {
    readonly type: string;
    readonly webSocketDebuggerUrl: string;
  }[];
  const page = pages.find(({ type }) => type === 'page');
  if (page === undefined) throw new Error('expected a page in the browser, got none');
  return page.webSocketDebuggerUrl;
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
};

type AxNode = {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value: unknown } }[];
};

const isNameless = ({ ignored, role, name, properties = [] }: AxNode): boolean =>
  !ignored &&
  role?.value !== 'RootWebArea' &&
  (name?.value ?? '').trim() === '' &&
  properties.some((property) => property.name === 'focusable' && property.value.value === true);

/** A browser with one page, gone with the test. */
export const openPage = async (t: TestContext, ...more: readonly string[]): Promise<Page> => {
  const profile = await mkdtemp(join(tmpdir(), 'edgelog-browser-'));
  const words = [...usualFlags(profile), '--remote-debugging-port=0', ...more, 'about:blank'];
  const child = spawn(browserProgram() ?? '', words, { stdio: 'ignore' });
  t.after(async () => {
    await ended(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const complaints: string[] = [];
  const call = await connected(await debuggerOf(profile), (message) => {
    const complaint = complaintIn(message);
    if (complaint !== undefined) complaints.push(complaint);
  });
  for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`);
  const ask = async <T>(expression: string): Promise<T> => {
    const answer = await call('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true },
      allowUnsafeEvalBlockedByCSP: false,
    });
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
    return (answer['result'] as { readonly value: T }).value;
  };
  return {
    ask,
    until: (expression, what) => until(() => ask<boolean>(`Boolean(${expression})`), what),
    go: async (address) => {
      await call('Page.navigate', { url: address });
    },
    nameless: async () => {
      const { nodes } = await call('Accessibility.getFullAXTree');
      return (nodes as readonly AxNode[]).filter(isNameless).map(({ role }) => role?.value ?? 'unknown');
    },
    complaints,
  };
};
