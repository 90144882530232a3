/** The console in a real browser, before the real program: what an operator sees and does, and what no stranger can do to it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Tree } from '../../src/adapters/console/page/tree.ts';
import { root, runProgram, startProgram } from '../scripts/program.ts';
import { browserObstacle, dumpOf, openPage, type Page } from './browser.ts';
import { createScene, edgelog, freePorts } from './processes.ts';

type Body = { readonly [member: string]: unknown };

type Scene = {
  readonly console: string;
  readonly send: (method: string, path: string, body?: unknown) => Promise<Body>;
};

/** The real program after the demonstration. */
const scene = async (t: TestContext): Promise<Scene> => {
  const { environment } = await startProgram(t);
  const demo = await runProgram(process.execPath, [join(root, 'scripts/demo.d/main.ts')], environment);
  assert.deepEqual([demo.exit, demo.err], [0, '']);
  const address = environment.EDGELOG_URL;
  const send: Scene['send'] = async (method, path, body) => {
    const more =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${address}${path}`, { method, ...more });
    const answer = (await response.json()) as Body;
    assert.ok(response.ok, JSON.stringify(answer));
    return answer;
  };
  return { console: `${address}/console/`, send };
};

/** Trees with and without keys, of few tags, so that two of them have much in common. Keys differ among siblings. */
const anyTree = (depth: number): fc.Arbitrary<Tree> =>
  fc
    .tuple(
      fc.constantFrom('p', 'ul', 'b', 'svg'),
      fc.record({
        class: fc.constantFrom('a', 'b'),
        title: fc.constantFrom('x', '<y>', undefined),
        hidden: fc.boolean(),
      }),
      depth === 0
        ? fc.constant([])
        : fc.array(fc.oneof(fc.constantFrom('one', '<i>two</i>'), anyTree(depth - 1)), { maxLength: 5 }),
      fc.boolean(),
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    )
    .map(([tag, attributes, children, isKeyed, keys]) => ({
      tag,
      attributes,
      children: children.map((child, i) =>
        isKeyed && typeof child !== 'string' ? { ...child, attributes: { ...child.attributes, key: keys[i] } } : child,
      ),
    }));

const textOf = (page: Page, id: string): Promise<string> =>
  page.ask(`document.getElementById(${JSON.stringify(id)})?.textContent ?? ''`);

const click = (page: Page, selector: string): Promise<unknown> =>
  page.ask(
    `document.querySelector(${JSON.stringify(selector)}).dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))`,
  );

const type = (page: Page, selector: string, text: string): Promise<unknown> =>
  page.ask(`(() => { const field = document.querySelector(${JSON.stringify(selector)}); field.value = ${JSON.stringify(text)};
    field.dispatchEvent(new Event('input', {bubbles: true})); })()`);

describe('the console in a browser', { skip: browserObstacle() ?? false, timeout: 280_000 }, () => {
  test('shows the demonstration at a glance', async (t) => {
    const { console, send } = await scene(t);
    const seen = await dumpOf(t, console);
    assert.match(seen, /every node has what is wanted/);
    for (const word of ['PARTI00', '127.0.0.2', '127.0.0.3', 'demo-web', 'demo-db', 'has it'])
      assert.ok(seen.includes(word), word);
    const { items } = (await send('GET', '/v1/instances')) as {
      readonly items: readonly { readonly instanceId: string; readonly state: string }[];
    };
    for (const { instanceId, state } of items) {
      assert.equal(seen.includes(`aria-label="${instanceId}, `), state !== 'TERMINATED', `${instanceId} ${state}`);
    }
    assert.match(seen, /is terminated \(reported\)/);
  });

  test('moves in time, explains, traces, finds, follows', async (t) => {
    const { console, send } = await scene(t);
    const page = await openPage(t, '--window-size=1400,1000');
    await page.go(console);
    await page.until(`document.querySelector('svg.picture a.card') !== null`, 'the picture');
    const newest = Number((await send('GET', '/v1/status'))['position']);

    await type(page, '#slider-at', '5');
    await page.until(`document.getElementById('network')?.textContent.includes('Network at 5')`, 'the network of then');
    await page.until(`document.querySelector('svg.picture a.card') === null`, 'a picture without instances');
    assert.equal(await textOf(page, 'board'), '', 'the board is of now only');
    assert.equal(await page.ask('location.hash'), '#at=5');
    await type(page, '#slider-at', String(newest));
    await page.until(`document.getElementById('board') !== null && location.hash === '#now'`, 'now again');

    await page.ask(`location.hash = '#source=10.1.2.3&destination=10.111.103.0&traffic=tcp/22'`);
    await page.until(`document.querySelector('.answer.allowed')?.textContent.includes('Allowed')`, 'the verdict');
    assert.match(await textOf(page, 'why'), /tcp 22-22 from 10\.0\.0\.0\/8 .* by local-operator.*has applied it/);
    await type(page, '#why-source', '192.0.2.7');
    await page.ask(`document.querySelector('.why-form').requestSubmit()`);
    await page.until(`document.querySelector('.answer.denied')?.textContent.includes('Denied')`, 'the other verdict');

    await click(page, '.events .what a');
    await page.until(`document.querySelectorAll('.trace .stage').length >= 2`, 'the trace');
    assert.match(await page.ask('location.hash'), /trace=\d+/);

    await type(page, '#find', 'demo-web');
    await page.until(`document.getElementById('network').textContent.includes('hit')`, 'hits');

    await send('POST', '/v1/security-groups', { name: 'seen-live', description: 'made while somebody looks' });
    await page.until(
      `document.getElementById('selection').textContent.includes('seen-live')`,
      'the new group by itself',
    );
    await page.until(`document.getElementById('events').textContent.includes('seen-live')`, 'its event');
    assert.deepEqual(await page.nameless(), [], 'everything that can be focused has a name');
    assert.deepEqual(page.complaints, []);
  });

  test('draws many instances as squares that can be pointed at', async (t) => {
    const { console, send } = await scene(t);
    const subnet = { Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' };
    const privateIps = ['10.111.103.30', '10.111.103.36', '10.111.104.1-10.111.104.200'];
    const clusters = [{ Name: 'PARTI00', MacPrefix: 'd0:0d', Subnet: subnet, PrivateIps: privateIps }];
    const publicIps = ['10.111.103.0-10.111.103.2', '10.111.103.6', '10.111.103.26-10.111.103.29'];
    await send('PUT', '/v1/configuration', { PublicIps: publicIps, Clusters: clusters });
    await send('POST', '/v1/instances', { cluster: 'PARTI00', count: 100, addressing: 'private' });
    const page = await openPage(t, '--window-size=1200,900');
    await page.go(console);
    await page.until(`document.querySelector('svg.picture path.hollow') !== null`, 'squares');
    assert.equal(await page.ask(`document.querySelector('svg.picture a.card')`), null);
    const [said, place] = await page.ask<readonly [string, string]>(`(() => {
      const svg = document.querySelector('svg.picture');
      const { left, top } = svg.getBoundingClientRect();
      const box = [...svg.querySelectorAll('g.nowhere')].at(-1).querySelector('rect').getBBox();
      const at = { bubbles: true, clientX: left + box.x + 14, clientY: top + box.y + 34 };
      svg.dispatchEvent(new PointerEvent('pointermove', at));
      svg.dispatchEvent(new MouseEvent('click', at));
      return [document.getElementById('tip').textContent, location.hash];
    })()`);
    assert.match(said, /^i-[0-9a-f]{8}, pending, private 10\.111\.\d+\.\d+, on no node$|^i-[0-9a-f]{8}, stopped/);
    assert.equal(place, `#select=${said.slice(0, 10)}`);
    await page.until(
      `document.getElementById('details')?.textContent === ${JSON.stringify(said.slice(0, 10))}`,
      'its facts',
    );
    assert.deepEqual(page.complaints, []);
  });

  test('draws the same whatever was drawn before', async (t) => {
    const { console } = await scene(t);
    const page = await openPage(t);
    await page.go(console);
    await page.until(`document.getElementById('board') !== null`, 'the page');
    const pairs = JSON.stringify(fc.sample(fc.tuple(anyTree(3), anyTree(3)), { numRuns: 400, seed: 7 }));
    const differing = await page.ask<readonly unknown[]>(`(async () => {
      const { patch } = await import(location.origin + '/console/adapters/console/page/patch.ts');
      const fresh = () => document.createElement('div');
      return ${pairs}.filter(([before, after]) => {
        const [place, other] = [fresh(), fresh()];
        patch(place, before);
        patch(place, after);
        patch(other, after);
        return !place.isEqualNode(other);
      });
    })()`);
    assert.deepEqual(differing, []);
  });

  test('shows what strangers wrote as text, whatever it is', async (t) => {
    const { console, send } = await scene(t);
    const page = await openPage(t);
    const markup = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>';
    await send('POST', '/v1/epoch', { reason: markup });
    await page.go(`${console}#select=${encodeURIComponent(markup)}&subject=epoch`);
    await page.until(`document.getElementById('events')?.textContent.includes('onerror=')`, 'the reason as text');
    await page.until(`document.getElementById('details')?.textContent.includes('onerror=')`, 'the fragment as text');
    assert.equal(await page.ask(`document.querySelectorAll('#console img, #console script').length`), 0);
    assert.equal(await page.ask('document.title'), 'Edgelog');
    assert.match(
      await page.ask(`(() => { try { return eval('1+1') + ' run' } catch (fault) { return fault.name } })()`),
      /EvalError/,
    );
  });

  test('asks for a key, keeps it in the tab, sends it nowhere but in the header', async (t) => {
    const rooms = createScene();
    t.after(() => rooms.end());
    const data = await rooms.folder();
    const file = join(data, 'keys.json');
    const added = rooms.keep(edgelog('keys', 'add', 'looker', '--role', 'viewer', '--file', file));
    assert.equal(await added.ended, 0, added.said());
    const key = /el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(added.said())?.[0] ?? assert.fail(added.said());
    const [port = 0] = await freePorts(1);
    await rooms.serve({ role: 'clc', data, port, 'keys-file': file });
    const page = await openPage(t);
    const enter = (text: string): Promise<unknown> =>
      page.ask(`(() => { document.getElementById('key').value = ${JSON.stringify(text)};
        document.querySelector('.key-form').requestSubmit(); })()`);
    await page.go(`http://127.0.0.1:${port}/console/`);
    await page.until(`document.getElementById('key') !== null`, 'the form');
    await enter(`el_00000000_${'x'.repeat(43)}`);
    await page.until(`document.querySelector('.key-form .problem') !== null`, 'a refusal');
    await enter(key);
    await page.until(`document.getElementById('board')?.textContent.includes('No clusters')`, 'the board');
    await page.until(`document.querySelector('.live-on') !== null`, 'the stream of events');
    assert.equal(
      await page.ask(`location.href.includes('el_') || document.cookie !== '' || localStorage.length > 0`),
      false,
    );
    const asked = await page.ask<readonly string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`);
    assert.ok(asked.some((address) => address.includes('/v1/status')));
    assert.equal(
      asked.some((address) => address.includes('el_')),
      false,
    );
    await click(page, '[data-act="forget-key"]');
    await page.until(`document.getElementById('key') !== null && sessionStorage.length === 0`, 'the form again');
  });

  test('shows a key of an account what is the account\u2019s, and says what it leaves out', async (t) => {
    const rooms = createScene();
    t.after(() => rooms.end());
    const data = await rooms.folder();
    const file = join(data, 'keys.json');
    const words = ['--role', 'viewer', '--account', '000000000007', '--file', file];
    const added = rooms.keep(edgelog('keys', 'add', 'tenant', ...words));
    assert.equal(await added.ended, 0, added.said());
    const key = /el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(added.said())?.[0] ?? assert.fail(added.said());
    const [port = 0] = await freePorts(1);
    await rooms.serve({ role: 'clc', data, port, 'keys-file': file });
    const page = await openPage(t);
    await page.go(`http://127.0.0.1:${port}/console/`);
    await page.until(`document.getElementById('key') !== null`, 'the form');
    await page.ask(`(() => { document.getElementById('key').value = ${JSON.stringify(key)};
      document.querySelector('.key-form').requestSubmit(); })()`);
    await page.until(`document.getElementById('scope')?.textContent.includes('account 000000000007')`, 'the scope');
    await page.until(`document.getElementById('network')?.textContent.includes('no instances')`, 'its network');
    assert.deepEqual(await page.ask(`[...document.querySelectorAll('.panel')].map(({ id }) => id)`), [
      'network',
      'scope',
      'selection',
    ]);
    // Before there was a key, the answer was 401.
    assert.deepEqual(page.complaints.slice(1), []);
  });
});
