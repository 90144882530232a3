/** The state table of a public address, every row and every gap (cloud spec 5.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isAllocated,
  isAssigned,
  isReallyAssigned,
  type PublicAddressState,
  type PublicOperation,
  transition,
} from '../../src/domain/publicPool.ts';
import { isRefusal } from '../../src/domain/refusals.ts';

const states: readonly PublicAddressState[] = ['unallocated', 'allocated', 'impending', 'assigned'];
const operations: readonly PublicOperation[] = [
  'allocate',
  'pendingAssignment',
  'assign',
  'unassign',
  'release',
  'clearPending',
];

/** `state pending? operation -> state pending?`; what is not listed is illegal. P marks a transition in flight. */
const rows = `
unallocated allocate -> allocated
unallocated pendingAssignment -> impending P
allocated assign -> assigned P
impending P assign -> assigned P
assigned unassign -> allocated P
impending P unassign -> allocated P
impending unassign -> allocated P
allocated release -> unallocated
impending P release -> unallocated
impending release -> unallocated
unallocated P clearPending -> unallocated
allocated P clearPending -> allocated
impending P clearPending -> impending
assigned P clearPending -> assigned
`;

const written = (state: PublicAddressState, pending: boolean): string => (pending ? `${state} P` : state);

test('the table has these rows and no others', () => {
  const found = states.flatMap((state) =>
    [false, true].flatMap((pending) =>
      operations.flatMap((operation) => {
        const target = transition({ state, pending }, operation);
        if (!isRefusal(target)) {
          return [`${written(state, pending)} ${operation} -> ${written(target.state, target.pending)}`];
        }
        assert.equal(target.refused, 'illegal-transition');
        return [];
      }),
    ),
  );
  assert.deepEqual(found.toSorted(), rows.trim().split('\n').toSorted());
});

test('what counts as allocated, assigned, really assigned', () => {
  assert.deepEqual(states.filter(isAllocated), ['allocated', 'impending', 'assigned']);
  assert.deepEqual(states.filter(isAssigned), ['impending', 'assigned']);
  assert.deepEqual(states.filter(isReallyAssigned), ['assigned']);
});
