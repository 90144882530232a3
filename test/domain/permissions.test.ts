/** From permissions as wished to rules (cloud spec 6.5), strictly as AWS and as Eucalyptus 4.0. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PermissionWish } from '../../src/domain/commands.ts';
import type { GroupFacts, GroupScope } from '../../src/domain/groupScope.ts';
import { permissionsOf } from '../../src/domain/permissionRequest.ts';
import { rulesToAuthorize, rulesToRevoke } from '../../src/domain/permissions.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { describeRule, programmableRule, type Rule } from '../../src/domain/rule.ts';

const account = '000000000002';
const groups: readonly GroupFacts[] = [
  { groupId: 'sg-0000000a', account, name: 'web' },
  { groupId: 'sg-0000000b', account: '000000000003', name: 'web' },
];
const scope: GroupScope = {
  account,
  admin: false,
  byId: (id) => groups.find(({ groupId }) => groupId === id),
  byName: (owner, name) => groups.find((group) => group.account === owner && group.name === name),
};
const world = ['0.0.0.0/0'];

const authorized = (wishes: readonly PermissionWish[], strictAws = true) =>
  shown(rulesToAuthorize(wishes, { scope, strictAws }));
const revoked = (wishes: readonly PermissionWish[], strictAws = true, rules: readonly Rule[] = []) =>
  shown(rulesToRevoke(wishes, { scope, strictAws, rules }));
const shown = (result: readonly Rule[] | Refusal) =>
  isRefusal(result) ? { refused: result.refused, member: result.member } : result.map(describeRule);

describe('sources', () => {
  test('one rule per source, groups first', () => {
    const wish = { protocol: 'tcp', fromPort: 22, toPort: 23, cidrs: ['10.0.0.0/8', '192.0.2.7/32'] };
    assert.deepEqual(authorized([{ ...wish, groups: [{ groupName: 'web' }] }]), [
      'tcp 22-23 from sg-0000000a',
      'tcp 22-23 from 10.0.0.0/8',
      'tcp 22-23 from 192.0.2.7/32',
    ]);
  });

  test('4.0 forgets the blocks of a permission that names groups', () => {
    const wish = { protocol: 'tcp', fromPort: 22, toPort: 22, cidrs: ['nonsense'], groups: [{ groupName: 'web' }] };
    assert.deepEqual(authorized([wish], false), ['tcp 22-22 from sg-0000000a']);
    assert.deepEqual(authorized([wish]), {
      refused: 'invalid-permission-malformed',
      member: 'permissions[0].cidrs[0]',
    });
  });

  test('blocks lose their host bits; two ways to write one block are one rule', () => {
    const wish = { protocol: 'tcp', fromPort: 1, toPort: 1, cidrs: ['10.0.0.5/24', '10.0.0.0/24'] };
    assert.deepEqual(authorized([wish]), ['tcp 1-1 from 10.0.0.0/24']);
  });

  for (const cidr of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '010.0.0.0/8',
    '::/0',
    '2001:db8::/32',
    '10.0.0.0/8 ',
    '',
  ]) {
    test(`no block: ${JSON.stringify(cidr)}`, () => {
      for (const strictAws of [true, false]) {
        const refusal = authorized([{ protocol: 'tcp', fromPort: 1, toPort: 1, cidrs: [cidr] }], strictAws);
        assert.deepEqual(refusal, { refused: 'invalid-permission-malformed', member: 'permissions[0].cidrs[0]' });
      }
    });
  }

  test('without a source: strict AWS refuses, 4.0 skips when authorizing and refuses when revoking', () => {
    const wish = { protocol: 'tcp', fromPort: 1, toPort: 1 };
    assert.deepEqual(authorized([wish]), { refused: 'missing-source', member: 'permissions[0]' });
    assert.deepEqual(authorized([wish], false), []);
    assert.deepEqual(revoked([wish], false), { refused: 'invalid-permission-malformed', member: 'permissions[0]' });
    assert.deepEqual(authorized([]), { refused: 'missing-source', member: 'permissions' });
  });

  test('groups of other accounts are named by id, or by name and account', () => {
    const from = (group: NonNullable<PermissionWish['groups']>[number], strictAws = true) =>
      authorized([{ protocol: 'udp', fromPort: 53, toPort: 53, groups: [group] }], strictAws);
    assert.deepEqual(from({ groupId: 'sg-0000000B' }), ['udp 53-53 from sg-0000000b']);
    assert.deepEqual(from({ groupName: 'web', account: '000000000003' }), ['udp 53-53 from sg-0000000b']);
    const elsewhere = { groupId: 'sg-0000000b', account: '000000000004' };
    assert.deepEqual(from(elsewhere), { refused: 'invalid-group-not-found', member: 'permissions[0].groups[0]' });
    assert.deepEqual(from(elsewhere, false), ['udp 53-53 from sg-0000000b']);
    assert.deepEqual(from({ groupId: 'sg-b' }), {
      refused: 'invalid-group-id-malformed',
      member: 'permissions[0].groups[0]',
    });
    assert.deepEqual(from({}), { refused: 'missing-group', member: 'permissions[0].groups[0]' });
  });

  test('a group that is gone can still be named when its rules are revoked, not when authorizing', () => {
    const source = { kind: 'group', groupId: 'sg-0000000c', account, groupName: 'gone' } as const;
    const stored: Rule = { protocol: 6, low: 22, high: 22, source };
    for (const group of [{ groupId: 'sg-0000000c' }, { groupName: 'gone' }]) {
      const wish = { protocol: 'tcp', fromPort: 22, toPort: 22, groups: [group] };
      assert.deepEqual(revoked([wish], true, [stored]), ['tcp 22-22 from sg-0000000c']);
      assert.deepEqual(authorized([wish]), { refused: 'invalid-group-not-found', member: 'permissions[0].groups[0]' });
    }
  });

  test('revoking from a group nobody knows: refused in strict AWS, passed over in 4.0', () => {
    const wish = { protocol: 'tcp', fromPort: 22, toPort: 22, groups: [{ groupName: 'nope' }] };
    assert.deepEqual(revoked([wish]), { refused: 'invalid-group-not-found', member: 'permissions[0].groups[0]' });
    assert.deepEqual(revoked([wish], false), []);
  });
});

describe('protocols and ranges', () => {
  const outcome = (protocol: string | undefined, fromPort?: number, toPort?: number, strictAws = true) => {
    const ports = { ...(fromPort === undefined ? {} : { fromPort }), ...(toPort === undefined ? {} : { toPort }) };
    const wish = { ...(protocol === undefined ? {} : { protocol }), ...ports, cidrs: world };
    const result = authorized([wish], strictAws);
    return 'refused' in result ? result.refused : result[0];
  };
  const malformed = 'invalid-permission-malformed';

  test('names and numbers', () => {
    assert.equal(outcome('6', 22, 22), 'tcp 22-22 from 0.0.0.0/0');
    assert.equal(outcome('17', 53, 53), 'udp 53-53 from 0.0.0.0/0');
    assert.equal(outcome('1', 8, 0), 'icmp 8:0 from 0.0.0.0/0');
    assert.equal(outcome('47'), '47 from 0.0.0.0/0');
    assert.equal(outcome('50', -1, -1), '50 from 0.0.0.0/0');
    for (const text of ['TCP', 'sctp', '256', '1e1', '+6', '06', '', '-2', undefined]) {
      assert.equal(outcome(text, 1, 1), malformed);
    }
  });

  test('what nodes cannot take is refused: all protocols, zero, and numbers without a name', () => {
    for (const text of ['-1', '0', '61', '99', '255']) assert.equal(outcome(text), 'invalid-permission-protocol');
  });

  test('protocols without ports take none', () => assert.equal(outcome('47', 1, 2), malformed));

  test('4.0 knows three names only', () => {
    assert.equal(outcome('tcp', 22, 22, false), 'tcp 22-22 from 0.0.0.0/0');
    for (const text of ['6', '47', '-1']) assert.equal(outcome(text, 1, 1, false), malformed);
  });

  test('ports', () => {
    assert.equal(outcome('udp', 0, 65_535), 'udp 0-65535 from 0.0.0.0/0');
    for (const [low, high] of [
      [-1, -1],
      [0, 65_536],
      [10, 9],
      [-5, 10],
      [1.5, 2],
      [undefined, 1],
      [1, undefined],
    ]) {
      assert.equal(outcome('tcp', low, high), malformed);
      assert.equal(outcome('tcp', low, high, false), malformed);
    }
  });

  test('a lower port of zero means every port to nodes: refused unless every port is meant', () => {
    assert.equal(outcome('tcp', 0, 80), 'invalid-permission-port-zero');
    assert.equal(outcome('tcp', 0, 0), 'invalid-permission-port-zero');
    assert.equal(outcome('tcp', 0, 80, false), 'tcp 0-80 from 0.0.0.0/0');
  });

  test('icmp types and codes: checked in strict AWS, not in 4.0', () => {
    assert.equal(outcome('icmp', -1, -1), 'icmp -1:-1 from 0.0.0.0/0');
    assert.equal(outcome('icmp', 3, -1), 'icmp 3:-1 from 0.0.0.0/0');
    for (const [type, code] of [
      [256, 0],
      [8, 256],
      [-1, 0],
      [-2, -1],
      [undefined, undefined],
    ]) {
      assert.equal(outcome('icmp', type, code), malformed);
    }
    assert.equal(outcome('icmp', 300, 300, false), 'icmp 300:300 from 0.0.0.0/0');
  });

  test('4.0 reads 0 to 0 from a group as every port', () => {
    const from = (protocol: string) =>
      authorized([{ protocol, fromPort: 0, toPort: 0, groups: [{ groupName: 'web' }] }], false);
    assert.deepEqual(from('tcp'), ['tcp 0-65535 from sg-0000000a']);
    assert.deepEqual(from('icmp'), ['icmp 0:65535 from sg-0000000a']);
  });
});

describe('the two styles', () => {
  const group = { sourceSecurityGroupName: 'web', sourceSecurityGroupOwnerId: account };
  const cidr = { cidrIp: '10.0.0.0/8', ipProtocol: 'tcp', fromPort: 1, toPort: 2 };
  const permissions = [{ protocol: 'tcp', fromPort: 1, toPort: 2, cidrs: ['10.0.0.0/8'] }];
  const outcome = (request: Parameters<typeof permissionsOf>[0]) => {
    const result = permissionsOf(request);
    return isRefusal(result) ? result.refused : result;
  };

  test('the list is used as it is, the old style becomes a list', () => {
    assert.deepEqual(outcome({ permissions }), permissions);
    assert.deepEqual(outcome(cidr), permissions);
    assert.deepEqual(
      (outcome(group) as readonly PermissionWish[]).map(({ protocol, fromPort, toPort }) => [
        protocol,
        fromPort,
        toPort,
      ]),
      [
        ['tcp', 1, 65_535],
        ['udp', 1, 65_535],
        ['icmp', -1, -1],
      ],
    );
  });

  test('mixtures and halves', () => {
    assert.equal(outcome({ permissions, cidrIp: '10.0.0.0/8' }), 'invalid-parameter-combination');
    assert.equal(outcome({ permissions, sourceSecurityGroupName: 'web' }), 'invalid-parameter-combination');
    assert.equal(outcome({ ...group, fromPort: 1 }), 'invalid-parameter-combination');
    assert.equal(outcome({ sourceSecurityGroupName: 'web' }), 'missing-parameter');
    assert.equal(outcome({ sourceSecurityGroupOwnerId: account }), 'missing-parameter');
    assert.equal(outcome({ cidrIp: '10.0.0.0/8', ipProtocol: 'tcp', fromPort: 1 }), 'missing-parameter');
    assert.equal(outcome({}), 'missing-source');
    assert.equal(outcome({ permissions: [] }), 'missing-source');
  });
});

describe('what nodes may be told', () => {
  const told = (protocol: number, low: number, high: number) => {
    const rule = programmableRule({ protocol, low, high, source: { kind: 'cidr', cidr: '0.0.0.0/0' } });
    return rule === undefined ? 'nothing' : `${rule.low} ${rule.high}`;
  };

  test('sound rules as they are, the others not at all', () => {
    assert.equal(told(6, 22, 80), '22 80');
    assert.equal(told(6, 0, 65_535), '0 65535');
    assert.equal(told(6, 0, 80), '1 80');
    assert.equal(told(6, 0, 0), 'nothing');
    assert.equal(told(17, 5, 4), 'nothing');
    assert.equal(told(1, -1, 0), '-1 -1');
    assert.equal(told(1, 0, 65_535), 'nothing');
    assert.equal(told(1, 300, 0), 'nothing');
    assert.equal(told(47, -1, -1), '-1 -1');
    for (const protocol of [-1, 0, 61, 256]) assert.equal(told(protocol, -1, -1), 'nothing');
  });
});
