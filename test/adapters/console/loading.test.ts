/** What is asked of the API, and what of its answers counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, createApi, isProblem } from '../../../src/adapters/console/page/api.ts';
import { createLoader } from '../../../src/adapters/console/page/loading.ts';
import { initialState, type State } from '../../../src/adapters/console/page/state.ts';
import { event } from './scenes.ts';

type Told = { readonly status?: number; readonly body: unknown };

/** A loader over answers by address; what is asked is written down. */
const loaderOver = (fragment: string, answer: (address: string) => Told | Promise<Told>) => {
  let state: State = initialState(fragment, false);
  const asked: string[] = [];
  const api = createApi(
    () => undefined,
    async (input) => {
      asked.push(String(input));
      const { status = 200, body } = await answer(String(input));
      return new Response(JSON.stringify(body), { status, headers: { 'Edgelog-Position': '45' } });
    },
  );
  const change = (to: Partial<State>): void => {
    state = { ...state, ...to };
  };
  return { loader: createLoader({ api, state: () => state, change, now: () => 0 }), asked, state: () => state, change };
};

const empty = { body: { items: [], next: null } };

test('addresses hold what was asked, encoded', () => {
  assert.equal(addressOf('/v1/why', { source: 'a b&c', at: undefined, destination: '' }), '/v1/why?source=a+b%26c');
  assert.equal(addressOf('/v1/status'), '/v1/status');
});

test('the network of a moment is asked for by that moment, page after page', async () => {
  const { loader, asked, state } = loaderOver('#at=30', (address) => {
    if (!address.startsWith('/v1/instances')) return empty;
    return { body: address.includes('cursor=next') ? { items: [2], next: null } : { items: [1], next: 'next' } };
  });
  await loader.load('network');
  assert.deepEqual(state().network.value?.instances, [1, 2]);
  assert.equal(state().network.value?.isCut, false);
  assert.ok(
    asked.every((address) => address.includes('at=30')),
    asked.join(' '),
  );
});

test('an older answer never replaces a newer one', async () => {
  const late = Promise.withResolvers<Told>();
  let count = 0;
  const { loader, state } = loaderOver('#trace=1', () => {
    count += 1;
    return count === 1 ? late.promise : { body: { found: 'second' } };
  });
  const first = loader.load('trace');
  await loader.load('trace');
  late.resolve({ body: { found: 'first' } });
  await first;
  assert.deepEqual(state().trace.value, { found: 'second' });
});

test('a problem is shown where it belongs; without a key the page asks for one', async () => {
  const problem = { status: 403, code: 'forbidden', title: 'Your role may not do this', detail: 'd', next: 'n' };
  const denied = loaderOver('#source=a&destination=b', () => ({ status: 403, body: problem }));
  await denied.loader.load('why');
  assert.deepEqual(denied.state().why.problem, problem);
  assert.equal(denied.state().needsKey, false);
  const locked = loaderOver('', () => ({ status: 401, body: { ...problem, status: 401 } }));
  await locked.loader.now();
  assert.equal(locked.state().needsKey, true);
  assert.equal(locked.state().keyRefused, false);
});

test('with a key of an account, nothing is asked that belongs to the whole cloud', async () => {
  const bound = loaderOver('#at=3&select=i-1&trace=2&source=a&destination=b&actor=c', () => empty);
  bound.change({ caller: { value: { actor: 'eve', role: 'viewer', account: '000000000007' } } });
  await bound.loader.now();
  await bound.loader.load('network', 'log', 'found', 'moment', 'difference', 'trace', 'why', 'history');
  assert.deepEqual(
    bound.asked.map((address) => address.split('?')[0]),
    ['/v1/instances', '/v1/security-groups'],
  );
  assert.equal(bound.state().network.value?.account, '000000000007');
  assert.deepEqual(bound.state().why, {});
});

test('no answer at all is a problem too', async () => {
  const api = createApi(
    () => undefined,
    () => Promise.reject(new TypeError('fetch failed')),
  );
  const answered = await api.get('/v1/status');
  assert.ok(isProblem(answered));
  assert.equal(answered.problem.code, 'unreachable');
});

test('the window of the log is its end, or around the moment shown', async () => {
  const pages = { body: { events: [event(1, 'A', {})], next: null } };
  const now = loaderOver('', () => pages);
  now.change({ newest: 5000 });
  await now.loader.load('log');
  const past = loaderOver('#at=2000', () => pages);
  past.change({ newest: 5000 });
  await past.loader.load('log');
  const near = loaderOver('#at=4900', () => pages);
  near.change({ newest: 5000 });
  await near.loader.load('log');
  assert.deepEqual(
    [...now.asked, ...past.asked, ...near.asked],
    [
      '/v1/events?order=newest&limit=1000',
      '/v1/events?order=newest&before=2501&limit=1000',
      '/v1/events?order=newest&limit=1000',
    ],
  );
  assert.deepEqual(
    [now, past, near].map(({ state }) => state().log.value?.isCut),
    [false, true, false],
  );
});

test('a filter is asked for the newest that pass, and says that there is more', async () => {
  const newest = [event(7, 'A', {}), event(4, 'A', {})];
  const now = loaderOver('#actor=alice', () => ({ body: { events: newest, next: 4 } }));
  await now.loader.load('found');
  assert.deepEqual(now.asked, ['/v1/events?order=newest&limit=1000&actor=alice']);
  assert.deepEqual(now.state().found.value, { events: newest.toReversed(), isFiltered: true, isCut: true });
  const past = loaderOver('#subject=i-1&at=30', () => ({ body: { events: [], next: null } }));
  await past.loader.load('found');
  assert.deepEqual(past.asked, ['/v1/events?order=newest&before=31&limit=1000&subject=i-1']);
});
