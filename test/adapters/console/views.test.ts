/** What the views say of what they are shown: as text, as a person would read it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressPools, Trace, Why } from '../../../src/adapters/console/page/answers.ts';
import { foundBy, looksOf, selectedIn } from '../../../src/adapters/console/page/findings.ts';
import { eventAt, withEvents } from '../../../src/adapters/console/page/state.ts';
import { findAll, type Tree, textOf } from '../../../src/adapters/console/page/tree.ts';
import { board } from '../../../src/adapters/console/page/views/board.ts';
import { changes } from '../../../src/adapters/console/page/views/changes.ts';
import { details } from '../../../src/adapters/console/page/views/details.ts';
import { feed, listed } from '../../../src/adapters/console/page/views/feed.ts';
import { legend } from '../../../src/adapters/console/page/views/groups.ts';
import { pools } from '../../../src/adapters/console/page/views/pools.ts';
import { timeline } from '../../../src/adapters/console/page/views/timeline.ts';
import { trace } from '../../../src/adapters/console/page/views/trace.ts';
import { trafficOf, trafficParts, why } from '../../../src/adapters/console/page/views/why.ts';
import { clusterProgress, event, log, nodeProgress, small, told } from './scenes.ts';

const rowsOf = (tree: Tree): readonly string[] => findAll(tree, ({ tag }) => tag === 'tr').map(textOf);
const linksOf = (tree: Tree): readonly string[] =>
  findAll(tree, ({ tag }) => tag === 'a').map(({ attributes }) => String(attributes['href']));

test('the board says of cluster and node what the glossary says', () => {
  const rows = rowsOf(board({ converged: true, clusters: [clusterProgress()] }, {}));
  assert.deepEqual(rows.slice(1), ['PARTI00 42 42 42 42 file – has it', '127.0.0.2 42 42 file 75 ms has it']);
});

test('what nobody told is unknown, never good; what is behind says why and links to what differs', () => {
  const silent = nodeProgress('n1', { accepted: null, agent: 'unknown', ageMs: null, converged: null });
  const refusing = nodeProgress('n2', {
    accepted: 40,
    converged: false,
    refusal: { reason: 'kernel', detail: 'no table' },
  });
  const behind = clusterProgress({
    ...{ delivered: 40, applied: null, converged: false, lagMs: 12_300, failuresInARow: 3, nodes: [silent, refusing] },
    lastFailure: { reason: 'refused-connection', detail: 'nobody listens' },
  });
  const tree = board({ converged: false, clusters: [behind] }, { select: 'i-1' });
  const [, cluster = '', first = '', second = ''] = rowsOf(tree);
  assert.equal(cluster, 'PARTI00 42 42 40 unknown 12.3 s behind 3× refused-connection: nobody listens what differs');
  assert.equal(first, 'n1 unknown unknown never unknown');
  assert.equal(second, 'n2 40 40 file 75 ms behind kernel: no table what differs');
  assert.ok(linksOf(tree).includes('#from=40&to=42&select=i-1'));
  assert.equal(findAll(tree, ({ attributes }) => /\bgood\b/.test(String(attributes['class']))).length, 0);
});

test('of many nodes the board counts all and lists those that are wrong', () => {
  const nodes = Array.from({ length: 200 }, (_, n) => nodeProgress(`n${n}`, n === 150 ? { converged: false } : {}));
  const many = { converged: false, clusters: [clusterProgress({ nodes, converged: false })] };
  const rows = rowsOf(board(many, {}));
  assert.equal(rows.length, 4);
  assert.match(rows[2] ?? '', /^n150 /);
  assert.match(rows[3] ?? '', /^200 nodes: 199 have it 1 behind/);
  assert.equal(rowsOf(board(many, { all: 'PARTI00' })).length, 202);
});

test('pools are bars with their figures', () => {
  const shown: AddressPools = {
    public: { size: 8, free: 5, allocated: 1, assigned: 2, dirty: 1, outside: 0 },
    private: [{ cluster: 'PARTI00', size: 8, free: 0, held: 6, quarantined: 2, outside: 1, sharedWith: ['other'] }],
  };
  const tree = pools(shown);
  const [first = '', second = ''] = findAll(tree, ({ tag }) => tag === 'li').map(textOf);
  assert.match(first, /^Public 8 addresses .*2 used 1 allocated 1 dirty 5 free$/);
  assert.match(second, /^PARTI00 8 addresses .*6 used 2 dirty 0 free 1 outside the ranges shared with other$/);
  const widths = findAll(tree, ({ tag }) => tag === 'rect').map(({ attributes }) => attributes['width']);
  assert.deepEqual(widths, [1000, 250, 125, 1000, 750, 250]);
  assert.equal(findAll(tree, ({ attributes }) => attributes['class'] === 'full').length, 1);
});

test('of many pools the fullest come first, in a line each', () => {
  const empty = { held: 0, quarantined: 0, outside: 0, sharedWith: [] };
  const shown: AddressPools = {
    public: { size: 0, free: 0, allocated: 0, assigned: 0, dirty: 0, outside: 0 },
    private: Array.from({ length: 20 }, (_, n) => ({ ...empty, cluster: `c${n}`, size: 100, free: 100 - n, held: n })),
  };
  const names = findAll(
    pools(shown),
    ({ attributes }) => String(attributes['class']).includes('brief ') || attributes['class'] === 'brief',
  );
  assert.match(textOf(names[0] ?? ''), /^c19 /);
  assert.match(textOf(pools(shown)), /and 4 clusters with more room$/);
});

test('the feed tells events in sentences, newest first, up to the moment shown', () => {
  const rows = rowsOf(feed({ window: log, isLoading: false, place: {}, at: 3, live: 'on' }));
  assert.equal(rows.length, 3);
  assert.match(rows[0] ?? '', /^3 .*10\.0\.0\.1 was assigned to i-00000001 \(10\.1\.0\.1\) alice$/);
  assert.match(rows[2] ?? '', /cluster PARTI00 was enabled/);
  assert.match(
    rowsOf(feed({ window: log, isLoading: false, place: {}, at: undefined, live: 'on' }))[0] ?? '',
    /SomethingNew/,
    'a type the page does not know',
  );
});

test('the feed is filtered by what an event is about, by whom, and of which type', () => {
  const positions = (place: object): readonly number[] =>
    listed({ window: log, isLoading: false, place, at: undefined, live: 'on' }).map(({ position }) => position);
  assert.deepEqual(positions({ subject: 'i-00000001' }), [3, 2]);
  assert.deepEqual(positions({ subject: '10.0.0.1' }), [3]);
  assert.deepEqual(positions({ actor: 'bob' }), [2]);
  assert.deepEqual(positions({ type: 'ClusterEnabled', actor: 'bob' }), []);
});

test('events that came are put behind those there are, once', () => {
  const more = withEvents(log, [event(4, 'A', {}), event(5, 'B', {})]);
  assert.deepEqual(
    more.events.map(({ position }) => position),
    [1, 2, 3, 4, 5],
  );
  assert.equal(withEvents(more, [event(5, 'B', {})]), more);
});

test('the line of time names the moment, and its sliders have names and values that can be spoken', () => {
  const shown = {
    window: log,
    isLoading: false,
    place: {},
    newest: 4,
    from: 1,
    to: 3,
    told: told(2, 'i-00000001 is running'),
  };
  const past = timeline({ ...shown, at: 2 });
  assert.match(textOf(past), /As it was at 2 , 2026-11-22 10:15:42 UTC: i-00000001 is running/);
  const sliders = findAll(past, ({ attributes }) => attributes['type'] === 'range');
  assert.deepEqual(
    sliders.map(({ attributes }) => [
      attributes['min'],
      attributes['max'],
      attributes['value'],
      attributes['aria-valuetext'],
    ]),
    [
      [1, 4, 2, '2 · 10:15:00.002'],
      [1, 4, 1, '1 · 10:15:00.001'],
    ],
  );
  assert.match(
    textOf(timeline({ ...shown, at: undefined })),
    /^Now , last event 2026-11-22 10:15:00 UTC: SomethingNew/,
  );
});

test('a window of another time is not taken for this one', () => {
  const window = { ...log, isCut: true };
  assert.equal(eventAt(window, 3, 4)?.position, 3);
  assert.equal(eventAt(window, 4, 4)?.position, 4);
  assert.equal(eventAt(window, 3000, 9000), undefined);
  assert.equal(eventAt(window, 0, 9000), undefined);
});

const verdict: Why = {
  position: 45,
  verdict: 'allowed',
  hops: [{ code: 'cidr-match', text: 'sg-0000000a allows tcp 22-22 from 10.0.0.0/8.', by: told(11, 'x', 'carol') }],
  rule: { groupId: 'sg-0000000a', text: 'tcp 22-22 from 10.0.0.0/8', by: told(11, 'x', 'carol') },
  reached: {
    cluster: 'PARTI00',
    node: 'n1',
    needs: 33,
    delivered: null,
    applied: null,
    text: 'It is not known whether n1 has applied it.',
  },
};

test('why says the verdict, the rule, its event and author, and whether the node had it', () => {
  const tree = why({ value: verdict }, {}, []);
  assert.match(
    textOf(tree),
    /Allowed at position 45 .*Rule tcp 22-22 from 10\.0\.0\.0\/8 of sg-0000000a event 11 by carol, .* UTC It is not known whether n1 has applied it\. It takes version 33 of PARTI00\./,
  );
  assert.ok(linksOf(tree).includes('#trace=11'));
  assert.match(textOf(why({ value: { ...verdict, verdict: 'denied', rule: null, reached: null } }, {}, [])), /Denied/);
  const labels = findAll(tree, ({ tag }) => tag === 'label').map(({ attributes }) => attributes['for']);
  const fields = findAll(tree, ({ tag }) => tag === 'input' || tag === 'select').map(
    ({ attributes }) => attributes['id'],
  );
  assert.deepEqual(labels, fields);
});

test('traffic is written as the API reads it', () => {
  assert.deepEqual([trafficOf('tcp', ' 443 '), trafficOf('icmp', '')], ['tcp/443', 'icmp']);
  assert.deepEqual(
    [trafficParts('udp/53'), trafficParts('icmp'), trafficParts(undefined)],
    [
      ['udp', '53'],
      ['icmp', ''],
      ['tcp', '22'],
    ],
  );
});

test('a trace is a chain from who to node', () => {
  const way = {
    cluster: 'PARTI00',
    version: 33,
    deliveredAfterMs: 20,
    delivered: { position: 34, time: '2026-11-22T10:15:42.243Z', version: 33 },
  };
  const shown: Trace = {
    found: { as: 'event', id: 'event-33' },
    command: { commandId: 'c', actor: 'alice', correlationId: 'request-1', time: '2026-11-22T10:15:42.223Z' },
    events: [told(33, '10.111.103.0 was assigned to i-00000001')],
    clusters: [
      {
        ...way,
        nodes: [
          { node: 'n1', applied: true, version: 42, reportedAt: null },
          { node: 'n2', applied: null, version: null, reportedAt: null },
        ],
      },
    ],
  };
  const stages = findAll(trace(shown, {}), ({ tag }) => tag === 'li').map(textOf);
  assert.deepEqual(stages, [
    'Who alice , 2026-11-22 10:15:42 UTC request request-1',
    '1 event 33 10.111.103.0 was assigned to i-00000001',
    'Document PARTI00, version 33',
    'Cluster controller PARTI00 took version 33 at 10:15:42.243 , 20 ms after the event',
    'Nodes n2 unknown n1 has it',
  ]);
});

test('changes are sentences with authors', () => {
  const tree = changes(
    {
      ...{ from: 20, to: 42, same: false, more: 3 },
      changes: [{ kind: 'came', subject: 'i-00000001', text: 'instance i-00000001 created', by: told(21, 'x') }],
      documents: [
        {
          cluster: 'PARTI00',
          same: false,
          lines: [
            { sign: '+', text: '<a/>' },
            { sign: ' ', text: '<b/>' },
          ],
        },
      ],
    },
    {},
  );
  assert.match(
    textOf(tree),
    /Between position 20 and 42 : 4 changes\. \+ came: instance i-00000001 created event 21 by alice/,
  );
  assert.match(textOf(tree), /and 3 more PARTI00: 1 line of its document \+ <a\/>/);
});

test('what is selected shows its facts, whatever it is', () => {
  const context = { network: small, looks: looksOf(small.groups), place: {} };
  assert.match(
    textOf(details(context, 'i-00000001', {})),
    /State running .*Private 10\.111\.103\.30 Elastic 10\.111\.103\.0/,
  );
  assert.match(textOf(details(context, 'sg-0000000b', {})), /db tcp 3306-3306 from web 0 instances/);
  assert.match(textOf(details(context, '127.0.0.2', {})), /1 instance i-00000001/);
  assert.match(textOf(details(context, 'PARTI00', {})), /2 instances/);
  assert.match(textOf(details(context, 'i-99999999', {})), /Not there at the moment shown/);
  assert.match(
    textOf(legend(context)),
    /^Security groups db 0 members tcp 3306-3306 from web web 0 members tcp 22-22 from 10\.0\.0\.0\/8$/,
  );
  assert.deepEqual(selectedIn(small, '127.0.0.3'), { kind: 'node', node: '127.0.0.3' });
});

test('a word finds instances by id, address, node, account and group', () => {
  for (const word of ['i-00000001', '10.111.103.0', '127.0.0.2', ' WEB ']) {
    assert.ok(foundBy(small, word).has('i-00000001'), word);
  }
  assert.equal(foundBy(small, 'nothing').size, 0);
  assert.equal(foundBy(small, ' ').size, 0);
});
