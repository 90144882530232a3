/** Traffic as a set: differences are exact, whatever the rules. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RuleEntry } from '../../../src/projections/document/model.ts';
import {
  describeRange,
  differenceOf,
  noPermits,
  otherProtocols,
  type Permits,
  permitAll,
  permitRule,
} from '../../../src/projections/reachability/permits.ts';

const source = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
const ruleOf = (protocol: number, low: number, high: number): RuleEntry => ({ protocol, low, high, source });
const permitsOf = (...rules: readonly RuleEntry[]): Permits => {
  const permits = noPermits();
  for (const rule of rules) permitRule(permits, rule);
  return permits;
};
const everything = (): Permits => ({ ...noPermits(), everything: true });
const shown = (permits: Permits, others: Permits): readonly string[] =>
  differenceOf(permits, others).map(describeRange);

describe('differences', () => {
  test('ports', () => {
    const wide = permitsOf(ruleOf(6, 20, 30), ruleOf(6, 25, 40), ruleOf(17, 53, 53));
    assert.deepEqual(shown(wide, noPermits()), ['tcp/20-40', 'udp/53']);
    assert.deepEqual(shown(wide, permitsOf(ruleOf(6, 22, 22))), ['tcp/20-21', 'tcp/23-40', 'udp/53']);
    assert.deepEqual(shown(permitsOf(ruleOf(6, 1, 65_535)), noPermits()), ['tcp']);
  });

  test('icmp types and codes', () => {
    assert.deepEqual(shown(permitsOf(ruleOf(1, 8, -1)), noPermits()), ['icmp/8']);
    assert.deepEqual(shown(permitsOf(ruleOf(1, 8, 0)), noPermits()), ['icmp/8:0']);
    assert.deepEqual(shown(permitsOf(ruleOf(1, -1, -1)), noPermits()), ['icmp']);
    assert.deepEqual(shown(permitsOf(ruleOf(1, -1, -1)), permitsOf(ruleOf(1, 8, -1))), ['icmp/0-7', 'icmp/9-255']);
    assert.deepEqual(shown(permitsOf(ruleOf(1, 8, -1)), permitsOf(ruleOf(1, 8, 0))), ['icmp/8:1-8:255']);
  });

  test('everything, but not what the other side has', () => {
    const some = permitsOf(ruleOf(6, 22, 22), ruleOf(47, -1, -1));
    const left = ['other protocols but 47', 'icmp', 'tcp/0-21', 'tcp/23-65535', 'udp'];
    assert.deepEqual([...shown(everything(), some)].sort(), [...left].sort());
    assert.deepEqual(shown(everything(), everything()), []);
    assert.deepEqual(shown(some, everything()), []);
  });
});

test('a point is in the difference when it is in the one and not in the other', () => {
  const rule = fc.oneof(
    fc
      .tuple(fc.constantFrom(6, 17), fc.nat(12), fc.nat(12))
      .map(([p, a, b]) => ruleOf(p, Math.min(a, b), Math.max(a, b))),
    fc.tuple(fc.constantFrom(-1, 0, 1, 2), fc.constantFrom(-1, 0, 1)).map(([t, c]) => ruleOf(1, t, t === -1 ? -1 : c)),
    fc.constantFrom(47, 50).map((protocol) => ruleOf(protocol, -1, -1)),
  );
  const side = fc.record({ rules: fc.array(rule, { maxLength: 6 }), all: fc.integer({ min: 0, max: 5 }) });
  const points = [6, 17].flatMap((protocol) => Array.from({ length: 14 }, (_, at) => ({ protocol, at })));
  const icmp = [0, 1, 2, 3].flatMap((type) => [0, 1, 2, 255].map((code) => ({ protocol: 1, at: type * 256 + code })));
  const others = [47, 50, 51].map((protocol) => ({ protocol, at: 0 }));
  const holds = ({ protocol, low, high }: RuleEntry, point: (typeof points)[number]): boolean => {
    if (protocol !== point.protocol) return false;
    if (protocol === 47 || protocol === 50) return true;
    if (protocol !== 1) return low <= point.at && point.at <= high;
    return low === -1 || (low === point.at >> 8 && (high === -1 || high === (point.at & 255)));
  };
  fc.assert(
    fc.property(side, side, (one, other) => {
      const permits = (from: typeof one): Permits => {
        const made = permitsOf(...from.rules);
        if (from.all === 0) permitAll(made, everything());
        return made;
      };
      const difference = differenceOf(permits(one), permits(other));
      for (const point of [...points, ...icmp, ...others]) {
        const inside = (from: typeof one) => from.all === 0 || from.rules.some((each) => holds(each, point));
        const found = difference.some(({ protocol, low, high, except = [] }) =>
          protocol === otherProtocols
            ? ![1, 6, 17, ...except].includes(point.protocol)
            : protocol === point.protocol && low <= point.at && point.at <= high,
        );
        assert.equal(found, inside(one) && !inside(other), JSON.stringify({ point, difference }));
      }
    }),
  );
});
