/**
 * The operator's file about a node: taken when every member is known and of its type, refused by name otherwise.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNodeOptions } from '../../../src/adapters/node/nodeOptions.ts';

test('known members are taken', () => {
  assert.deepEqual(readNodeOptions(''), { options: {}, tools: {} });
  assert.deepEqual(
    readNodeOptions(
      '{"publicInterface":"eth1","sameGroupTraffic":true,"dhcp":"dnsmasq","driftSeconds":10,"tools":{"nft":"/sbin/nft"}}',
    ),
    {
      options: { publicInterface: 'eth1', sameGroupTraffic: true },
      dhcp: 'dnsmasq',
      driftSeconds: 10,
      tools: { nft: '/sbin/nft' },
    },
  );
});

test('everything else is refused by name', () => {
  const cases: [string, RegExp][] = [
    ['{', /not JSON/],
    ['[]', /an object/],
    ['{"pubicInterface":"eth1"}', /pubicInterface/],
    ['{"without":"defaultDeny"}', /without/],
    ['{"bridge":"br0; drop"}', /bridge/],
    ['{"bridge":"a-name-that-is-too-long"}', /bridge/],
    ['{"masquerade":"yes"}', /masquerade/],
    ['{"gatewayMac":"01"}', /gatewayMac/],
    ['{"metadataAddress":"clc"}', /metadataAddress/],
    ['{"mtu":100}', /mtu/],
    ['{"dhcp":"isc"}', /dhcp/],
    ['{"tools":{"perl":"/bin/perl"}}', /tools.perl/],
    ['{"tools":{"nft":"nft; reboot"}}', /tools.nft/],
    ['{"publicInterface":"br-edge"}', /bridge/],
    ['{"privateInterface":"vn_0"}', /portPrefix/],
  ];
  for (const [text, word] of cases) {
    const answer = readNodeOptions(text);
    assert.ok('refused' in answer, text);
    assert.match(answer.detail, word, text);
  }
});
