/** Small forms the command line reads: permissions, batches, times to come, targets, advice. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { forShell } from '../../../src/adapters/cli/api/advice.ts';
import { targetOf } from '../../../src/adapters/cli/api/target.ts';
import { readArguments } from '../../../src/adapters/cli/arguments.ts';
import { chunksOf } from '../../../src/adapters/cli/batchChunks.ts';
import { isComplaint } from '../../../src/adapters/cli/complaint.ts';
import { exits } from '../../../src/adapters/cli/exits.ts';
import { timeToCome } from '../../../src/adapters/cli/moment.ts';
import { permissionOf, permissionOptions } from '../../../src/adapters/cli/permission.ts';
import { problemCatalogue } from '../../../src/adapters/http/problems.ts';

const permission = (line: string): unknown => {
  const spec = { about: '', options: permissionOptions, shares: [], run: async () => exits.ok };
  const given = readArguments(spec, line.split(' '), '');
  assert.ok(given !== 'help' && !isComplaint(given), JSON.stringify(given));
  const made = permissionOf(given);
  return isComplaint(made) ? made.says : made;
};

test('permissions as people write them', () => {
  assert.deepEqual(permission('--protocol tcp --port 22 --cidr 10.0.0.0/8'), {
    protocol: 'tcp',
    fromPort: 22,
    toPort: 22,
    cidrs: ['10.0.0.0/8'],
  });
  assert.deepEqual(permission('--protocol udp --port 8000-8080 --source-group 000000000002/web --source-group sg-1'), {
    protocol: 'udp',
    fromPort: 8000,
    toPort: 8080,
    groups: [{ groupName: 'web', account: '000000000002' }, { groupId: 'sg-1' }],
  });
  assert.deepEqual(permission('--protocol icmp --cidr 0.0.0.0/0'), {
    protocol: 'icmp',
    fromPort: -1,
    toPort: -1,
    cidrs: ['0.0.0.0/0'],
  });
  assert.deepEqual(permission('--protocol icmp --type 8 --code 0 --cidr 0.0.0.0/0'), {
    protocol: 'icmp',
    fromPort: 8,
    toPort: 0,
    cidrs: ['0.0.0.0/0'],
  });
  assert.deepEqual(permission('--protocol -1 --cidr 0.0.0.0/0'), { protocol: '-1', cidrs: ['0.0.0.0/0'] });
});

test('permissions that cannot be read', () => {
  assert.equal(permission('--protocol tcp --port 22'), 'No source is given.');
  assert.equal(permission('--protocol icmp --port 22 --cidr 0.0.0.0/0'), 'icmp has no ports.');
  assert.match(String(permission('--protocol tcp --port ssh --cidr 0.0.0.0/0')), /^--port is "ssh", expected a port/);
});

test('lines of a batch go out as they were written, cut where numbers would shift', () => {
  const chunks = chunksOf('{"a": 1}\n{"b":2e0}\n\n  {"c":3}\n');
  assert.deepEqual(chunks, [
    { body: '[{"a": 1}\n,{"b":2e0}]', firstLine: 1 },
    { body: '[{"c":3}]', firstLine: 4 },
  ]);
});

test('an array goes out whole, a single object as an array of one', () => {
  assert.deepEqual(chunksOf(' [1,\n2]'), [{ body: ' [1,\n2]', firstLine: 1 }]);
  assert.deepEqual(chunksOf('{\n"a":1}'), [{ body: '[{\n"a":1}]', firstLine: 1 }]);
});

test('what is no JSON is found before anything is sent', () => {
  const says = (text: string): string => {
    const chunks = chunksOf(text);
    return isComplaint(chunks) ? chunks.says : 'fine';
  };
  assert.equal(says(''), 'The file holds no commands.');
  assert.match(says('{"a":1}\n{"b":}'), /^Line 2 is not JSON: /);
  assert.match(says('[1,'), /^The file is not JSON: /);
});

test('chunks of many lines hold every line once, in order, under its own number', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat().map(String), fc.constant('')), { minLength: 1, maxLength: 40 }), (lines) => {
      const written = lines.map((text, i) => [i + 1, text] as const).filter(([, text]) => text !== '');
      fc.pre(written.length > 0);
      const chunks = chunksOf(lines.join('\n'));
      assert.ok(!isComplaint(chunks));
      const found = chunks.flatMap(({ body, firstLine }) =>
        (JSON.parse(body) as readonly number[]).map((value, i) => [firstLine + i, String(value)] as const),
      );
      assert.deepEqual(
        found,
        written.map(([n, text]) => [n, String(Number(text))]),
      );
    }),
  );
});

test('times to come', () => {
  const now = Date.UTC(2026, 0, 1);
  assert.equal(timeToCome('12h', now), now + 12 * 3_600_000);
  assert.equal(timeToCome('30d', now), now + 30 * 86_400_000);
  assert.equal(timeToCome('2w', now), now + 14 * 86_400_000);
  assert.equal(timeToCome('2026-02-01', now), Date.UTC(2026, 1, 1));
  assert.equal(timeToCome('2026-02-01T10:00:00+02:00', now), Date.UTC(2026, 1, 1, 8));
  for (const wrong of ['2025-01-01', 'tomorrow', '30', '30m', '', '2026-02-01T10:00:00']) {
    assert.equal(timeToCome(wrong, now), undefined, wrong);
  }
});

const origin = (environment: Record<string, string>, url?: string): string => {
  const target = targetOf({ url, account: undefined }, environment);
  return isComplaint(target) ? target.says : target.url.origin;
};

test('where the API is: option, EDGELOG_URL, host and port, loopback', () => {
  assert.equal(origin({}), 'http://127.0.0.1:8773');
  assert.equal(origin({ EDGELOG_PORT: '9000' }), 'http://127.0.0.1:9000');
  assert.equal(origin({ EDGELOG_HOST: '0.0.0.0', EDGELOG_PORT: '9000' }), 'http://127.0.0.1:9000');
  assert.equal(origin({ EDGELOG_HOST: '::1' }), 'http://[::1]:8773');
  assert.equal(origin({ EDGELOG_URL: 'https://cloud.example:1/', EDGELOG_PORT: '9000' }), 'https://cloud.example:1');
  assert.equal(origin({ EDGELOG_URL: 'https://a.example' }, 'http://b.example'), 'http://b.example');
  assert.equal(origin({ EDGELOG_URL: 'nonsense' }), '"nonsense" is not the URL of an API.');
  assert.equal(origin({ EDGELOG_URL: 'ftp://a.example' }), '"ftp://a.example" is not the URL of an API.');
});

test('a key never goes where others could read it', () => {
  const url = 'http://cloud.example';
  assert.match(origin({ EDGELOG_URL: url, EDGELOG_KEY: 'k' }), /could be read on the way/);
  assert.equal(origin({ EDGELOG_URL: url }), url);
  assert.equal(origin({ EDGELOG_URL: 'https://cloud.example', EDGELOG_KEY: 'k' }), 'https://cloud.example');
  assert.equal(origin({ EDGELOG_KEY: 'k' }), 'http://127.0.0.1:8773');
  assert.equal(origin({ EDGELOG_URL: url, EDGELOG_KEY: 'k', EDGELOG_INSECURE: 'true' }), url);
  assert.match(origin({ EDGELOG_URL: 'http://127.0.0.1.example', EDGELOG_KEY: 'k' }), /could be read on the way/);
  assert.equal(origin({ EDGELOG_KEY: 'k\n' }), 'The API key has characters that no key has.');
});

test('a key may come from a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'key');
  writeFileSync(file, 'el_key\n');
  const target = targetOf({ url: undefined, account: undefined }, { EDGELOG_KEY_FILE: file });
  assert.equal(isComplaint(target) ? target.says : target.key, 'el_key');
  const missing = targetOf({ url: undefined, account: undefined }, { EDGELOG_KEY_FILE: join(folder, 'none') });
  assert.ok(isComplaint(missing) && missing.exit === exits.usage);
});

test('an account has twelve digits', () => {
  const wrong = targetOf({ url: undefined, account: '12' }, {});
  assert.ok(isComplaint(wrong) && wrong.exit === exits.usage);
  const fromEnvironment = targetOf({ url: undefined, account: undefined }, { EDGELOG_ACCOUNT: '000000000002' });
  assert.equal(isComplaint(fromEnvironment) ? '' : fromEnvironment.account, '000000000002');
});

test('advice of every problem is said for a shell: no route is left in it', () => {
  for (const { code, next } of problemCatalogue.values()) {
    assert.doesNotMatch(forShell(next), /\b(GET|PUT|POST|DELETE) \/v1\//, code);
  }
  assert.equal(forShell('List them: GET /v1/clusters. Or not.'), 'List them: edgelog clusters. Or not.');
  assert.equal(forShell('Use `POST /v1/unheard-of`.'), 'Use `POST /v1/unheard-of`.');
});
