/**
 * What only the composition root can do, for commands that are not a question to the API. The command line knows these
 * shapes and nothing of what stands behind them; `main.ts` fills them in, best by importing what is heavy when it is called.
 */
import type { ExitCode } from './exits.ts';

/** A row of the table of settings, as flags of `serve`. */
export type ServeSetting = {
  /** Flag without dashes. */
  readonly name: string;
  readonly kind: 'text' | 'port' | 'count' | 'flag' | 'list';
  readonly fallback: string;
  readonly about: string;
};

/** `text` is for people, `data` for `-o json|yaml`. */
export type HookAnswer = { readonly exit: ExitCode; readonly text: string; readonly data: unknown };

/** A "no" with what to do next. */
export type HookRefusal = {
  readonly refused: string;
  readonly detail: string;
  readonly next?: string;
  /** Left out: that of a refusal. */
  readonly exit?: ExitCode;
};

export type Words = {
  readonly say: (line: string) => void;
  readonly progress: (words: string) => void;
};

export type CopyOptions = { readonly from: string; readonly to: string; readonly insecure: boolean };

export type BackupOptions = { readonly target: string; readonly data: string; readonly store?: string };

export type KeysInitOptions = {
  readonly folder: string;
  /** Empty means all. */
  readonly owners: readonly string[];
  readonly years?: number;
};

export type ApiKeyRole = 'viewer' | 'operator' | 'admin' | 'auditor';

/** A line of the API keys file. */
export type ApiKeyRecord = {
  readonly id: string;
  readonly prefix: string;
  readonly hash: string;
  readonly actor: string;
  readonly role: ApiKeyRole;
  readonly account?: string;
  readonly cluster?: string;
  /** Milliseconds since 1970. */
  readonly expires?: number;
};

export type ApiKeys = {
  /** Throws when the file is missing, open to others or does not hold keys. */
  readonly read: (file: string) => readonly ApiKeyRecord[];
  readonly make: (about: Omit<ApiKeyRecord, 'prefix' | 'hash'>) => {
    readonly key: string;
    readonly record: ApiKeyRecord;
  };
};

export type NodeWords = {
  /** plan, diff, apply, flush, status, explain. */
  readonly subcommand: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly arguments: readonly string[];
};

export type ReplayStep = {
  readonly event: { readonly position: number };
  readonly changes: readonly unknown[];
};

export type ReplayWords = {
  /** A data folder; read only when no bundle is named. */
  readonly data: string;
  readonly from?: string;
  /** File of the public key to verify the bundle with. */
  readonly key?: string;
  /** Another checkout. */
  readonly code?: string;
  /** Last position. */
  readonly to?: number;
  readonly isStepped: boolean;
  /** Steps begin behind this position. */
  readonly after?: number;
  readonly onStep: (step: ReplayStep, lines: readonly string[]) => Promise<void>;
};

export type TakeoverWords = {
  /** A network document, XML. */
  readonly document: string;
  readonly groups: readonly {
    readonly id: string;
    readonly account: string;
    readonly name: string;
    readonly description: string;
  }[];
  readonly elastic: readonly { readonly address: string; readonly account: string }[];
};

export type Takeover = {
  /** Items of a batch, in order. */
  readonly wishes: readonly object[];
  /** Wishes that the rehearsal turned down, and what nodes would be told otherwise: lines for people. */
  readonly rejected: readonly string[];
  readonly differences: readonly string[];
  readonly counts: Readonly<Record<'clusters' | 'nodes' | 'instances' | 'groups' | 'rules', number>>;
  /** Groups whose name nobody told, and addresses at instances whose owner nobody told. */
  readonly unnamed: number;
  readonly system: number;
};

export type CliHooks = {
  readonly version: string;
  readonly settings: readonly ServeSetting[];
  /** The table of settings as text: what `edgelog help settings` prints. */
  readonly describeSettings: () => string;
  /** Flags without dashes -> value, `true` for a bare flag. Resolves with the exit code when the process is to end. */
  readonly serve: (flags: Readonly<Record<string, string>>) => Promise<number>;
  readonly copy: (options: CopyOptions, words: Words) => Promise<HookAnswer | HookRefusal>;
  /** A copy of a log in a SQLite file, verified. */
  readonly backup: (options: BackupOptions) => Promise<HookAnswer | HookRefusal>;
  readonly keysInit: (options: KeysInitOptions) => Promise<{ readonly files: readonly string[] } | HookRefusal>;
  readonly apiKeys: () => Promise<ApiKeys>;
  readonly node: (words: NodeWords) => Promise<HookAnswer | HookRefusal>;
  /** Checks an audit bundle with a public key (PEM), and against the text of checkpoints that were kept elsewhere. */
  readonly checkBundle: (bundle: AsyncIterable<Uint8Array>, publicKey: string, anchor?: string) => Promise<HookAnswer>;
  readonly takeover: (words: TakeoverWords) => Promise<Takeover | HookRefusal>;
  readonly wiring: () => Promise<string>;
  readonly replay: (asked: ReplayWords, words: Words) => Promise<HookAnswer | HookRefusal>;
};

export const isHookRefusal = (answer: object): answer is HookRefusal => 'refused' in answer;
