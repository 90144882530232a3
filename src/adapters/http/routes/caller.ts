/** Who asks, as the door sees it: a program that was given a key can find out what the key is for. */
import { boundAccount } from '../auth.ts';
import { everyoneInAccount, jsonAnswer, type Route } from '../route.ts';
import { account, choice, name, orNull, record } from '../schema.ts';

export const callerRoutes: readonly Route[] = [
  {
    id: 'getCaller',
    method: 'GET',
    path: '/v1/caller',
    tag: 'operations',
    summary: 'Who asks: whose key it is, its role, and the account it is bound to',
    access: everyoneInAccount,
    responses: jsonAnswer(
      record('Caller', {
        actor: name('Whose key it is; events name this actor'),
        role: choice('Role', ['viewer', 'operator', 'admin', 'auditor']),
        account: orNull(account('The only account it may see; null when it may see the whole cloud')),
      }),
    ),
    answer: ({ caller }) => ({
      kind: 'json',
      body: { actor: caller.actor, role: caller.role, account: boundAccount(caller) ?? null },
    }),
  },
];
