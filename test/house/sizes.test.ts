/**
 * The rule of sizes (docs/architecture.md) as a program: no file over 400 lines, no function over 60 lines but those listed here
 * with the reason. What is listed may only shrink: who takes lines away writes the smaller number here, and who gets below
 * the limit takes the line out.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { type LongFunction, longFunctions } from './longFunctions.ts';

const root = join(import.meta.dirname, '../..');
const rooms = ['src', 'test', 'bench', 'scripts', 'contrib'];
const MOST_LINES = 400;
const LONGEST_FUNCTION = 60;

type Source = { readonly path: string; readonly text: string };

const sources: readonly Source[] = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mjs|js|css|html|sh)$/.test(name))
    .map((name) => ({ path: `${room}/${name}`, text: readFileSync(join(root, room, name), 'utf8') })),
);

const linesIn = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** Functions of the file that are too long, but for lists of tests: those are as long as there are tests. */
const tooLong = ({ path, text }: Source): readonly LongFunction[] =>
  linesIn(text) <= LONGEST_FUNCTION
    ? []
    : longFunctions(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true), LONGEST_FUNCTION);

const CASES = 'one case for each kind of event or wish, and the compiler sees that all are there';
const PARTS = 'constructions of a process in start order, stopped in reverse: the order is what there is to read';
const ENGINE = 'one resource with everything that may happen to it, not yet told apart in pieces';
const STORY = 'one story from its beginning to its end';

type Exception = readonly [place: string, lines: number, reason: string];

const exceptions: readonly Exception[] = [
  ['src/domain/subjects.ts subjectsOf', 75, CASES],
  ['src/domain/wishes/carryOut.ts carryOut', 74, CASES],
  ['src/projections/network/apply.ts dispatch', 73, CASES],
  ['src/projections/network/meaning.ts sectionOf', 63, CASES],
  ['src/projections/timeMachine/revert.ts revertOf', 68, CASES],
  ['src/projections/timeMachine/sentences.ts sentenceOf', 90, CASES],
  ['src/roles/cloudRole.ts cloudRole', 134, PARTS],
  ['src/roles/cloudDelivery.ts createCloudDelivery', 160, PARTS],
  ['src/roles/cloudDelivery.ts parts', 81, PARTS],
  ['src/roles/cloudDeltas.ts createCloudDeltas', 63, PARTS],
  ['src/roles/cloudTime.ts createCloudTime', 63, PARTS],
  ['src/roles/clusterRole.ts clusterRole', 76, PARTS],
  ['src/roles/delivery.ts createDelivery', 72, PARTS],
  ['src/roles/nodeRole.ts nodeRole', 66, PARTS],
  ['src/roles/workerRole.ts workerRole', 84, PARTS],
  ['src/roles/clusterPolling.ts createClusterPolling', 85, ENGINE],
  ['src/roles/snapshot.ts createSnapshot', 82, ENGINE],
  ['src/roles/snapshotWatch.ts createSnapshotWatch', 89, ENGINE],
  ['src/projections/postings.ts postingsOf', 62, ENGINE],
  ['src/adapters/broadcast/documentBoard.ts createDocumentBoard', 77, ENGINE],
  ['src/adapters/broadcast/inProcessLanes.ts createInProcessLanes', 70, ENGINE],
  ['src/adapters/broadcast/ledger.ts createLedger', 72, ENGINE],
  ['src/adapters/eventstore/sqliteDraft.ts createSqliteDraft', 70, ENGINE],
  ['src/adapters/eventstore/sqliteKnowledge.ts createSqliteKnowledge', 69, ENGINE],
  ['src/adapters/projector/projector.ts createProjector', 78, ENGINE],
  ['src/adapters/wire/documentCourier.ts createDocumentCourier', 64, ENGINE],
  ["test/roles/addressPush.test.ts test 'assigned and unassigned over SOAP, completed with the answers'", 69, STORY],
  ['bench/receiving.ts startReceivers', 62, ENGINE],
];

test('no file is longer than 400 lines, style sheets and scripts included', () => {
  assert.ok(sources.length > 900, `expected to see the whole house, saw ${sources.length} files`);
  const long = sources.filter(({ text }) => linesIn(text) > MOST_LINES).map(({ path }) => path);
  assert.deepEqual(long, []);
});

test('no function is longer than 60 lines, but for those that are known, and they do not grow', (t) => {
  const known = new Map(exceptions.map(([place, lines]) => [place, lines]));
  assert.equal(known.size, exceptions.length, 'each is listed once');
  const found = sources
    .filter(({ path }) => /\.(?:ts|mjs)$/.test(path))
    .flatMap((source) => tooLong(source).map(({ name, lines }) => ({ place: `${source.path} ${name}`, lines })));
  const grown = found.filter(({ place, lines }) => lines > (known.get(place) ?? 0));
  assert.deepEqual(
    grown.map(({ place, lines }) => `${place}: ${lines} lines, ${known.get(place) ?? 'at most 60'} known`),
    [],
  );
  const places = new Set(found.map(({ place }) => place));
  for (const place of known.keys()) if (!places.has(place)) t.diagnostic(`no longer too long, take it out: ${place}`);
});
