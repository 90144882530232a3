/** How a node is built is the operator's file; one that says anything odd is a reason not to start. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSettingFault, readSettings } from '../../src/adapters/settings/settings.ts';
import { agentRole, nodeBuildIn } from '../../src/roles/agentRole.ts';
import { createJournal } from '../../src/roles/journal.ts';

const journal = createJournal(
  'agent',
  () => 0,
  () => true,
);

test('the options file is read, checked and named in what is said about it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-role-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'node.json');
  assert.deepEqual(nodeBuildIn(''), {});
  await writeFile(file, '{"publicInterface":"eth1","sameGroupTraffic":true,"cutRevoked":true}');
  const { options, cutRevoked } = nodeBuildIn(file);
  assert.deepEqual(
    { options, cutRevoked },
    { options: { publicInterface: 'eth1', sameGroupTraffic: true }, cutRevoked: true },
  );
  await writeFile(file, '{"publicInterfaces":"eth1"}');
  assert.throws(() => nodeBuildIn(file), /--agent-options .*node\.json: publicInterfaces/);
  assert.throws(() => nodeBuildIn(join(folder, 'absent.json')), /Cannot read --agent-options/);

  const settings = readSettings({ data: folder, 'agent-options': file }, {});
  if (isSettingFault(settings)) assert.fail(settings.problem);
  assert.throws(() => agentRole({ settings, name: 'n1', mode: 'plan', journal, now: () => 0 }), /publicInterfaces/);
});

test('an agent that only plans counts nothing', () => {
  const settings = readSettings({ data: '/nowhere' }, {});
  if (isSettingFault(settings)) assert.fail(settings.problem);
  const planning = agentRole({ settings, name: 'n1', mode: 'plan', journal, now: () => 0 });
  assert.equal(planning.figures, undefined);
  assert.deepEqual(
    planning.role.parts.map(({ name }) => name),
    ['node agent'],
  );
});
