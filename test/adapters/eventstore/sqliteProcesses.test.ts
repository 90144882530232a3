/** Real processes on one SQLite log: killed at any moment, two at once, on a disk that is full. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { createFolder } from './folders.ts';
import { createWitness, readWhole, whileSubscribed } from './samples.ts';

const script = (name: string): string => fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url));

const start = (name: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [script(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

/** Lines of a process, one after the other; undefined when it has ended. */
const linesOf = (child: ChildProcess): (() => Promise<string | undefined>) => {
  assert.ok(child.stdout !== null);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    return next.done === true ? undefined : String(next.value);
  };
};

describe('a process killed while it appends', () => {
  it('has lost nothing it had answered', { timeout: 120_000 }, async () => {
    const folder = createFolder();
    const file = folder.file('log.db');
    const answered = new Map<string, number>();
    for (let round = 0; round < 10; round += 1) {
      const child = start('appender', file, `round${round}`);
      const next = linesOf(child);
      const lifetime = 20 + ((round * 37) % 300);
      for (let line = await next(), count = 0; line !== undefined; line = await next()) {
        const [stream = '', revision = ''] = line.split(' ');
        answered.set(stream, Number(revision));
        count += 1;
        if (count === lifetime) child.kill('SIGKILL');
      }
      const store = await openSqliteStore({ file });
      const all = await readWhole(store, 1000);
      const kept = new Map(all.map((event) => [event.stream, event.revision]));
      for (const [stream, revision] of answered) {
        assert.ok((kept.get(stream) ?? -1) >= revision, `${stream}: answered ${revision}, kept ${kept.get(stream)}`);
      }
      assert.deepEqual(
        all.map((event) => event.position),
        all.map((_, index) => index + 1),
      );
      await store.close();
    }
    assert.ok(answered.size >= 100, `expected every round to be answered something, got ${answered.size} streams`);
    folder.remove();
  });
});

describe('two processes on one log', () => {
  it('one wins each revision, nothing is lost, and a third one sees it all', { timeout: 120_000 }, async () => {
    const folder = createFolder();
    const file = folder.file('log.db');
    const store = await openSqliteStore({ file });
    const witness = createWitness();
    const rivals = ['left', 'right'].map((name) => start('rival', file, name));
    const next = rivals.map(linesOf);
    const all = (order: string): Promise<(string | undefined)[]> => {
      for (const rival of rivals) rival.stdin?.write(`${order}\n`);
      return Promise.all(next.map((line) => line()));
    };
    await Promise.all(next.map((line) => line()));
    const rounds = 40;
    const each = 150;
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      for (let round = 0; round < rounds; round += 1) {
        assert.deepEqual((await all(`race ${round - 1}`)).sort(), ['appended', 'conflict']);
      }
      await all(`run ${each}`);
      await witness.untilSeen(rounds + 2 * each);
    });
    const total = rounds + 2 * each;
    assert.deepEqual(
      witness.seen.map((event) => [event.position, event.revision]),
      Array.from({ length: total }, (_, index) => [index + 1, index]),
    );
    for (const rival of rivals) rival.stdin?.end();
    await Promise.all(rivals.map((rival) => (rival.exitCode === null ? once(rival, 'exit') : undefined)));
    await store.close();
    folder.remove();
  });
});

const whyNoMount = (): string | false => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux to mount a small disk';
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs unshare -m to mount a small disk';
  }
};

describe('a disk that is full, then read-only', { skip: whyNoMount() }, () => {
  it('is said clearly, loses nothing answered, and is over when there is room', { timeout: 60_000 }, async () => {
    const folder = createFolder();
    const mounted = folder.file('disk');
    mkdirSync(mounted);
    const command = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" "$3" "$1"';
    const output = execFileSync(
      'unshare',
      ['-m', 'sh', '-c', command, 'sh', mounted, process.execPath, script('fillDisk')],
      {
        encoding: 'utf8',
      },
    );
    const seen = JSON.parse(output);
    assert.equal(seen.full.kind, 'unavailable');
    assert.match(seen.full.message, /log\.db: the disk is full; nothing was written/);
    assert.equal(seen.again.kind, 'unavailable');
    assert.ok(seen.answered > 20, `expected some appends before the disk was full, got ${seen.answered}`);
    assert.equal(seen.readable, seen.answered);
    assert.equal(seen.afterwards, seen.answered + 20);
    assert.equal(seen.readOnly.kind, 'not-permitted', JSON.stringify(seen.readOnly));
    folder.remove();
  });
});
