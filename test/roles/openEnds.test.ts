/** Controllers that others can reach take nothing unsigned, unless somebody said so; every combination of place and setting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSettingFault, readSettings, type Settings } from '../../src/adapters/settings/settings.ts';
import { createJournal } from '../../src/roles/journal.ts';
import { assertSignedEnds } from '../../src/roles/openEnds.ts';
import { makeRoles } from '../../src/roles/processRoles.ts';
import { StartRefused } from '../../src/roles/role.ts';

const settingsOf = (flags: Readonly<Record<string, string>>): Settings => {
  const settings = readSettings(flags, {});
  if (isSettingFault(settings)) throw new Error(settings.problem);
  return settings;
};

const LOCAL = ['127.0.0.1', '127.0.0.3', 'localhost', '::1'];
const REACHABLE = ['0.0.0.0', '::', '10.0.0.16', '192.0.2.7', 'cc.example', '127.0.0.1.example'];

test('loopback, keys or a word of the operator, else no start', () => {
  const stands = (host: string, flags: Readonly<Record<string, string>>): boolean => {
    try {
      assertSignedEnds(settingsOf(flags), ['127.0.0.1', host]);
      return true;
    } catch (refused) {
      assert.ok(refused instanceof StartRefused);
      assert.ok(refused.message.includes(host) && refused.message.includes('--wire-keys'), refused.message);
      return false;
    }
  };
  for (const host of LOCAL) assert.equal(stands(host, {}), true, host);
  for (const host of REACHABLE) {
    assert.equal(stands(host, {}), false, host);
    assert.equal(stands(host, { 'wire-keys': '/etc/edgelog/keys' }), true, host);
    assert.equal(stands(host, { insecure: 'true' }), true, host);
  }
});

test('the roles of a process are held to it, each by its own address', async () => {
  const quiet = createJournal(
    'test',
    () => 0,
    () => true,
  );
  const make = (flags: Readonly<Record<string, string>>) =>
    makeRoles(settingsOf({ data: '/nonexistent', ...flags }), quiet, Date.now, () => undefined);
  await assert.rejects(make({ role: 'cc', 'cc-host': '10.0.0.16' }), StartRefused);
  await assert.rejects(make({ role: 'nc', 'nc-hosts': '127.0.0.2,10.0.0.70' }), StartRefused);
  await assert.rejects(make({ role: 'all', 'cc-host': '0.0.0.0' }), StartRefused);
  assert.equal((await make({ role: 'nc', 'nc-hosts': '127.0.0.2', 'cc-host': '10.0.0.16' })).length, 1);
});
