/** What differs between two moments: in network words with their authors, and line by line in the documents. */
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { wantsDocument } from '../../../projections/documents.ts';
import type { Network } from '../../../projections/network/views.ts';
import { changesBetween } from '../../../projections/timeMachine/changes.ts';
import { type Line, lineDiff, withContext } from '../../../projections/timeMachine/lines.ts';
import { prettyOf } from '../../../projections/timeMachine/placedLines.ts';
import { concerns, type Statement, statementsOf } from '../../../projections/timeMachine/statements.ts';
import type { Moment } from '../history.ts';
import { type Author, authorOf } from './author.ts';
import { noCluster, sceneAt, type TimeScene } from './scene.ts';

export type Said = {
  readonly kind: Statement['kind'];
  readonly subject: string;
  readonly text: string;
  /** Null where no event between the two moments explains it. */
  readonly by: Author | null;
};

export type DocumentDifference = {
  readonly cluster: string;
  readonly same: boolean;
  readonly bytes: { readonly before: number | null; readonly after: number | null };
  readonly lines: readonly Line[];
};

export type Difference = {
  readonly from: number;
  readonly to: number;
  readonly same: boolean;
  readonly changes: readonly Said[];
  /** Changes there are beyond those listed. */
  readonly more: number;
  readonly documents: readonly DocumentDifference[];
};

export type DifferenceQuery = {
  readonly from: Moment;
  readonly to?: Moment;
  readonly cluster?: string;
  readonly context?: number;
};

const MOST_CHANGES = 5_000;
const USUAL_CONTEXT = 2;

/** The root carries the version, which differs whenever anything anywhere did. */
const withoutRoot = (text: string): readonly string[] =>
  text.split('\n').map((line) => (line.startsWith('<network-data') ? '<network-data>' : line));

export const documentDifference = (
  { documentAt }: Pick<TimeScene, 'documentAt'>,
  before: Network,
  after: Network,
  cluster: string,
  context = USUAL_CONTEXT,
): DocumentDifference => {
  const [a, b] = [documentAt(before, cluster), documentAt(after, cluster)];
  const linesOf = (document: typeof a): readonly string[] =>
    document === undefined ? [] : withoutRoot(prettyOf(document).trimEnd());
  const lines = a?.digest === b?.digest ? [] : withContext(lineDiff(linesOf(a), linesOf(b)), context);
  const bytes = { before: a?.byteLength ?? null, after: b?.byteLength ?? null };
  return { cluster, same: lines.length === 0, bytes, lines };
};

/** Clusters that have a document at one of the two moments. */
const documented = (before: Network, after: Network): readonly string[] =>
  [...new Set([...Object.keys(before.clusters), ...Object.keys(after.clusters)])]
    .filter((cluster) => wantsDocument(before, cluster) || wantsDocument(after, cluster))
    .sort();

export const statementsBetween = (before: Network, after: Network): readonly Statement[] =>
  changesBetween(before, after).flatMap(statementsOf);

const saidOf = async ({ lookup }: TimeScene, statement: Statement, after: number, to: number): Promise<Said> => {
  const suits = (event: Parameters<typeof concerns>[1]): boolean => concerns(statement, event);
  const author = await lookup.newestUnder('subject', statement.subject, { after, to }, suits);
  const { kind, subject, text } = statement;
  return { kind, subject, text, by: author === undefined ? null : authorOf(author) };
};

export const differenceOf = async (scene: TimeScene, query: DifferenceQuery): Promise<Difference | Refusal> => {
  const [from, to] = [await sceneAt(scene, query.from), await sceneAt(scene, query.to)];
  if (isRefusal(from)) return from;
  if (isRefusal(to)) return to;
  const [before, after] = [from.network, to.network];
  const known =
    query.cluster === undefined || [before, after].some(({ clusters }) => Object.hasOwn(clusters, query.cluster ?? ''));
  if (!known) return noCluster(query.cluster ?? '');
  const statements = statementsBetween(before, after);
  const [low, high] = [Math.min(before.position, after.position), Math.max(before.position, after.position)];
  const changes: Said[] = [];
  for (const statement of statements.slice(0, MOST_CHANGES)) changes.push(await saidOf(scene, statement, low, high));
  const clusters = query.cluster === undefined ? documented(before, after) : [query.cluster];
  const documents = clusters.map((cluster) => documentDifference(scene, before, after, cluster, query.context));
  return {
    from: before.position,
    to: after.position,
    same: statements.length === 0 && documents.every(({ same }) => same),
    changes,
    more: Math.max(0, statements.length - MOST_CHANGES),
    documents,
  };
};
