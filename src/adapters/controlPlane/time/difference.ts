/** What differs between two moments: in network words with their authors, and line by line in the documents. */
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { type ClusterDocument, wantsDocument } from '../../../projections/documents.ts';
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
  /** Lines there are beyond those listed. */
  readonly more: number;
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
/** Of one document: more of them nobody reads. */
const MOST_LINES = 10_000;
const USUAL_CONTEXT = 2;

/** The root carries the version, which differs whenever anything anywhere did. */
const withoutRoot = (text: string): readonly string[] => {
  const lines = text.split('\n');
  const root = lines.findIndex((line) => line.startsWith('<network-data'));
  return root < 0 ? lines : lines.with(root, '<network-data>');
};

const linesOf = (document: ClusterDocument | undefined): readonly string[] =>
  document === undefined ? [] : withoutRoot(prettyOf(document).trimEnd());

/** Cluster by cluster; clusters that have the same documents at both moments are compared once. */
export const documentDifferences = (
  { documentAt }: Pick<TimeScene, 'documentAt'>,
  before: Network,
  after: Network,
  clusters: readonly string[],
  context = USUAL_CONTEXT,
): readonly DocumentDifference[] => {
  const found = new Map<string, readonly Line[]>();
  const linesBetween = (a: ClusterDocument | undefined, b: ClusterDocument | undefined): readonly Line[] => {
    if (a?.digest === b?.digest) return [];
    const pair = `${a?.digest ?? ''} ${b?.digest ?? ''}`;
    const known = found.get(pair);
    if (known !== undefined) return known;
    const lines = withContext(lineDiff(linesOf(a), linesOf(b)), context);
    found.set(pair, lines);
    return lines;
  };
  return clusters.map((cluster) => {
    const [a, b] = [documentAt(before, cluster), documentAt(after, cluster)];
    const lines = linesBetween(a, b);
    const bytes = { before: a?.byteLength ?? null, after: b?.byteLength ?? null };
    const more = Math.max(0, lines.length - MOST_LINES);
    return { cluster, same: lines.length === 0, bytes, lines: lines.slice(0, MOST_LINES), more };
  });
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

/** What differs between two moments, in sentences with their authors and in lines of documents. */
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
  const documents = documentDifferences(scene, before, after, clusters, query.context);
  return {
    from: before.position,
    to: after.position,
    same: statements.length === 0 && documents.every(({ same }) => same),
    changes,
    more: Math.max(0, statements.length - MOST_CHANGES),
    documents,
  };
};
