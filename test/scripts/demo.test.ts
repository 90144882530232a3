/** The demonstration against the real program, twice on one data folder, and where there is none. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { differences, factsOf } from '../../scripts/demo.d/facts.ts';
import { root, runProgram, startProgram } from './program.ts';

const demo = (environment: NodeJS.ProcessEnv, ...words: readonly string[]) =>
  runProgram(process.execPath, [join(root, 'scripts/demo.d/main.ts'), ...words], environment);

/** The story without what differs from run to run. */
const outline = (out: string): readonly string[] =>
  out
    .split('\n')
    .filter((line) => /^\d+\. /.test(line))
    .map((line) =>
      line
        .replaceAll(/i-[0-9a-f]{8}/g, 'i-')
        .replaceAll(/10\.111\.103\.\d+/g, 'IP')
        .replace(/^\d+\. /, ''),
    );

test('the demonstration plays its story, shows what changed in the node files, and can be repeated', async (t) => {
  const program = await startProgram(t);
  const first = await demo(program.environment);
  assert.deepEqual([first.exit, first.err], [0, '']);
  assert.deepEqual(outline(first.out), [
    'Post the first example configuration',
    'Create the security group demo-web',
    'Create the security group demo-db',
    'Allow ssh from 10.0.0.0/8 into demo-web',
    'Allow ping from everywhere into demo-web',
    'Allow tcp 3306 from demo-web into demo-db',
    'Allocate an elastic address',
    'Run 2 instances in demo-web',
    'Run an instance in demo-db',
    'Place one on 127.0.0.2, two on 127.0.0.3, and say that they run',
    'Associate IP with i-',
    'Stop i-',
    'Terminate i-',
    'Post the second example configuration: the subnet by its name',
  ]);
  assert.ok(first.out.includes(`Node files below ${join(program.data, 'nodes')}`));
  assert.match(first.out, /~ network {2}.*publicIps .*\+10\.111\.103\.6/);
  assert.match(first.out, /\+ instance i-[0-9a-f]{8} .*privateIp 10\.111\.103\.30 /);
  assert.match(first.out, /~ cluster PARTI00 node 127\.0\.0\.2 {2}instanceIds \+i-/);
  assert.match(first.out, /~ instance i-[0-9a-f]{8} {2}publicIp \+10\.111\.103\./);
  assert.match(first.out, /- instance i-/);
  assert.match(first.out, /in all node files \d+\.\d ms later/);
  assert.match(first.out, /median from accepted command to last node file \d+\.\d ms\.\n$/);

  const file = readFileSync(join(program.data, 'nodes/127.0.0.2/global_network_info.xml'), 'utf8');
  assert.equal(file, readFileSync(join(program.data, 'nodes/127.0.0.3/global_network_info.xml'), 'utf8'));
  assert.equal(factsOf(file).facts.get('cluster PARTI00 subnet 10.111.0.0')?.get('gateway')?.[0], '10.111.0.1');

  const second = await demo(program.environment);
  assert.deepEqual([second.exit, second.err], [0, '']);
  assert.deepEqual(outline(second.out), ['Tidy up after an earlier run', ...outline(first.out)]);
});

test('where no program runs the demonstration says so in one line', async () => {
  const { exit, out, err } = await demo({ EDGELOG_URL: 'http://127.0.0.1:9' });
  assert.deepEqual([exit, out], [1, '']);
  assert.match(err, /^demo: Nothing answers at http:\/\/127\.0\.0\.1:9 .*scripts\/up.*\n$/);
});

test('a configuration of somebody’s own is replaced only when asked for', async (t) => {
  const program = await startProgram(t);
  const own = readFileSync(join(root, 'scripts/demo.d/first.json'), 'utf8').replace(
    'eucalyptus.internal',
    'own.internal',
  );
  const cli = (...words: readonly string[]) =>
    runProgram(process.execPath, [join(root, 'src/main.ts'), ...words], program.environment, own);
  assert.equal((await cli('config', 'apply', '-')).exit, 0);
  const refused = await demo(program.environment);
  assert.deepEqual([refused.exit, refused.out], [1, '']);
  assert.match(refused.err, /has a configuration of its own/);
  assert.equal((await cli('config', 'get')).out, own);
  assert.equal((await demo(program.environment, '--replace')).exit, 0);
});

test('the first example is the founding document’s, the second has its subnet by name', () => {
  const example = (name: string) => JSON.parse(readFileSync(join(root, `scripts/demo.d/${name}.json`), 'utf8'));
  const [first, second] = [example('first'), example('second')];
  assert.equal(first.Clusters[0].Subnet.Gateway, '10.111.0.1');
  assert.deepEqual(second.Clusters[0].Subnet, { Name: '10.111.0.0' });
  assert.deepEqual(second.Subnets, [{ Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' }]);
  assert.deepEqual({ ...second, Subnets: [], Clusters: [] }, { ...first, Clusters: [] });
});

const document = (inner: string): string => `<?xml version="1.0"?><network-data version="1">${inner}</network-data>`;
const instance = (name: string, inner: string): string =>
  `<instances><instance name="${name}">${inner}</instance></instances>`;

test('facts of a document and their differences', () => {
  const before = factsOf(
    document(
      '<configuration><property name="mode"><value>EDGE</value></property><property name="publicIps"><value>1.1.1.1</value><value>1.1.1.2</value></property></configuration>' +
        instance('i-1', '<privateIp>10.0.0.1</privateIp><securityGroups><value>sg-1</value></securityGroups>'),
    ),
  );
  const after = factsOf(
    document(
      '<configuration><property name="mode"><value>EDGE</value></property><property name="publicIps"><value>1.1.1.1</value><value>1.1.1.3</value></property></configuration>' +
        instance(
          'i-1',
          '<privateIp>10.0.0.2</privateIp><publicIp>1.1.1.1</publicIp><securityGroups><value>sg-1</value></securityGroups>',
        ) +
        '<securityGroups><securityGroup name="sg-1"><rules><value>-P tcp</value></rules><ingressRules><rule><protocol>6</protocol></rule></ingressRules></securityGroup></securityGroups>',
    ),
  );
  assert.equal(before.attributes['version'], '1');
  assert.deepEqual(differences(before.facts, after.facts), [
    '~ instance i-1  privateIp 10.0.0.1 -> 10.0.0.2  publicIp +1.1.1.1',
    '~ network  publicIps -1.1.1.2 +1.1.1.3',
    '+ securityGroup sg-1  rules -P tcp',
  ]);
  assert.deepEqual(differences(after.facts, after.facts), []);
  assert.deepEqual(
    differences(after.facts, before.facts).filter((line) => line.startsWith('-')),
    ['- securityGroup sg-1'],
  );
});
