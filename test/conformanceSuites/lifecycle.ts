/**
 * Suites of this file: vm-states. Code, name and presence are compared exactly; the texts about resources say whether they are
 * held, which is compared with what the product's table says.
 */
import { type InstanceState, type StateFacts, stateFacts } from '../../src/domain/instanceStates.ts';
import { objectMember, type Suite, type Suites, same, textMember } from './verdict.ts';

const isState = (text: string): text is InstanceState => Object.hasOwn(stateFacts, text);

/** `held…` means yes; everything else in these texts means that it is, or is being, given up. */
const held = (text: unknown): boolean => String(text).startsWith('held');

const vmStates: Suite = (c) => {
  const state = textMember(c, 'state');
  if (!isState(state)) throw new Error(`there is no instance state ${state}`);
  const facts: StateFacts = stateFacts[state];
  const expected = objectMember(c, 'expected');
  return same(
    {
      code: expected['code'],
      displayName: expected['displayName'],
      inDocument: expected['inDocument'],
      publicAddress: held(expected['publicAddress']),
      privateAddress: held(expected['privateAddress']),
      groupMembership: held(expected['groupMembership']),
    },
    {
      code: facts.code,
      displayName: facts.displayName,
      inDocument: facts.inDocument,
      publicAddress: facts.mayHoldPublicAddress,
      privateAddress: facts.holdsPrivateAddress,
      groupMembership: facts.holdsMembership,
    },
  );
};

export const suites: Suites = { 'vm-states': vmStates };
