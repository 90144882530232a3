/**
 * Which account a request is about. Commands always have one; reads only when they ask for one or the key is bound to one.
 * A key bound to an account names no other, and sees nothing of others.
 */
import { boundAccount } from './auth.ts';
import { type DoorRefusal, refuseRequest } from './refusal.ts';
import type { Exchange } from './route.ts';

const usualAccount = '000000000001';
const accountForm = /^[0-9]{12}$/;

/** For reads: the only account to show, undefined for all. */
export const accountIn = (exchange: Exchange): string | DoorRefusal | undefined => {
  const named = exchange.query['account'] ?? exchange.headers['edgelog-account'] ?? boundAccount(exchange.caller);
  return named === undefined ? undefined : permitted(exchange, String(named));
};

/** For commands: body, query, header, key, or the usual account, in this order. */
export const accountOf = (exchange: Exchange, inBody: unknown): string | DoorRefusal => {
  const { caller, headers, query } = exchange;
  return permitted(
    exchange,
    String(inBody ?? query['account'] ?? headers['edgelog-account'] ?? caller.account ?? usualAccount),
  );
};

const permitted = ({ caller }: Exchange, account: string): string | DoorRefusal => {
  if (!accountForm.test(account)) {
    return refuseRequest('invalid-header', 'Edgelog-Account takes twelve digits.', { member: 'Edgelog-Account' });
  }
  const bound = boundAccount(caller);
  return bound === undefined || bound === account
    ? account
    : refuseRequest('account-not-yours', `The key is bound to account ${bound}.`);
};
