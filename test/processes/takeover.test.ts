/** A running cloud is taken over from the file on its node: by the command line, into a control plane that knew nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readDocument } from '../../src/adapters/node/documentReader.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import type { NetworkDocument } from '../../src/projections/document/model.ts';
import { documentDifferences } from '../../src/projections/takeover/differences.ts';
import { root } from '../scripts/program.ts';
import { until } from './processes.ts';
import { createSite, type Site } from './program.ts';

type Said = { readonly exit: number; readonly out: string; readonly err: string };

const edgelog = (words: readonly string[], port = 0): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...process.env, EDGELOG_URL: `http://127.0.0.1:${port}` };
    const child = execFile(process.execPath, [join(root, 'src/main.ts'), ...words], { env }, (_, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err }),
    );
  });

const documentIn = (text: string): NetworkDocument => {
  const read = readDocument(Buffer.from(text));
  if (isRefusal(read)) throw new Error(`expected a document, got ${read.detail}`);
  return read.document;
};

const account = '000000000007';
const wishes = [
  {
    command: 'PostConfiguration',
    text: JSON.stringify({
      PublicIps: ['198.51.100.1-198.51.100.9'],
      Clusters: [
        {
          Name: 'PARTI00',
          Subnet: { Name: '10.9.0.0', Subnet: '10.9.0.0', Netmask: '255.255.0.0', Gateway: '10.9.0.1' },
          PrivateIps: ['10.9.0.10-10.9.0.40'],
        },
      ],
    }),
  },
  { command: 'CreateSecurityGroup', account, name: 'web', description: 'servers', groupId: 'sg-000000aa' },
  { command: 'CreateSecurityGroup', account, name: 'db', description: 'data', groupId: 'sg-000000bb' },
  {
    command: 'AuthorizeIngress',
    account,
    groupId: 'sg-000000aa',
    permissions: [{ protocol: 'tcp', fromPort: 443, toPort: 443, cidrs: ['0.0.0.0/0'] }],
  },
  {
    command: 'AuthorizeIngress',
    account,
    groupId: 'sg-000000bb',
    permissions: [{ protocol: 'tcp', fromPort: 5432, toPort: 5432, groups: [{ groupId: 'sg-000000aa' }] }],
  },
  {
    command: 'RunInstances',
    account,
    cluster: 'PARTI00',
    instanceIds: ['i-000000a1', 'i-000000a2'],
    groups: ['sg-000000aa'],
    addressing: 'public',
    node: '127.0.0.2',
  },
  {
    command: 'RunInstances',
    account,
    cluster: 'PARTI00',
    instanceIds: ['i-000000b1'],
    groups: ['sg-000000bb'],
    addressing: 'private',
    node: '127.0.0.3',
  },
  { command: 'AllocateAddress', account, address: '198.51.100.9' },
  { command: 'AssociateAddress', account, address: '198.51.100.9', instanceId: 'i-000000b1' },
];

const listings = {
  groups: `GROUP\tsg-000000aa\t${account}\tweb\tservers\nPERMISSION\t${account}\tweb\tALLOWS\ttcp\t443\t443\nGROUP\tsg-000000bb\t${account}\tdb\tdata\n`,
  addresses: `ADDRESS\t198.51.100.9\ti-000000b1 (arn:aws:euare::${account}:user/admin)\nADDRESS\t198.51.100.1\ti-000000a1 (nobody)\n`,
};

/** The file on a node of a cloud in which something runs. */
const olderDocument = async (site: Site): Promise<string> => {
  await site.start().ready;
  const done = await site.send('POST', '/v1/batch', wishes);
  assert.equal(done.body['refused'], 0, done.text);
  const file = site.documentFile('127.0.0.2');
  await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes('198.51.100.9'), 'the node file');
  return file;
};

describe('a takeover', { timeout: 90_000 }, () => {
  test('rehearsed, written down, carried out: nodes are told what they were told', async (t) => {
    const file = await olderDocument(await createSite(t));
    const site = await createSite(t, ['--role', 'clc', '--no-cluster']);
    const [out, groups, addresses] = ['wishes.jsonl', 'groups', 'addresses'].map((name) => join(site.data, name));
    assert.ok(out !== undefined && groups !== undefined && addresses !== undefined);
    await writeFile(groups, listings.groups);
    await writeFile(addresses, listings.addresses);
    const said = await edgelog(['takeover', file, '--groups', groups, '--addresses', addresses, '--out', out]);
    assert.equal(said.exit, 0, said.out + said.err);
    assert.match(said.out, /^1 cluster, 2 nodes, 3 instances, 2 groups, 2 rules\n/);
    assert.match(said.out, /Rehearsed: nodes would be told what they are told now/);
    assert.ok(!said.out.includes('name made of their id'), said.out);

    // Nobody listens there: this test must reach no controller that somebody else runs.
    await writeFile(out, (await readFile(out, 'utf8')).replaceAll(':8774/', ':1/'));
    await site.start().ready;
    const carried = await edgelog(['batch', out, '--wait', 'projected'], site.port);
    assert.equal(carried.exit, 0, carried.out + carried.err);
    const shown = await site.send('GET', '/v1/clusters/PARTI00/document');
    assert.deepEqual(documentDifferences(documentIn(await readFile(file, 'utf8')), documentIn(shown.text)), []);
    const web = await site.send('GET', `/v1/security-groups?account=${account}&name=web`);
    assert.match(web.text, /sg-000000aa/);
    const elastic = await site.send('GET', '/v1/addresses/198.51.100.9');
    assert.deepEqual([elastic.body['owner'], elastic.body['instanceId']], [account, 'i-000000b1']);
  });

  test('of half a document, or with a listing that is none, is refused in one line', async (t) => {
    const site = await createSite(t);
    const half = join(site.data, 'half.xml');
    await writeFile(half, '<network-data><configuration>');
    const refused = await edgelog(['takeover', half]);
    assert.equal(refused.exit, 4);
    assert.match(refused.err, /^edgelog: the document ends .* \(document-truncated\)\n$/);
    const groups = join(site.data, 'groups');
    await writeFile(groups, 'GROUP\tweb\n');
    const wrong = await edgelog(['takeover', half, '--groups', groups]);
    assert.equal(wrong.exit, 2);
    assert.match(wrong.err, /^edgelog: Line 1 of the groups is not .*\n/);
  });
});
