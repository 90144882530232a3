/**
 * From a checked wish to the control plane's answer: account, ids, context and precondition are put together here, the same
 * way for a request and for an item of a batch. The actor comes from credentials only. Whether a wish is carried out is
 * decided elsewhere, and elsewhere a refused one is recorded.
 */
import type { Command } from '../../domain/commands.ts';
import type { CommandContext } from '../../domain/recorded.ts';
import { isRefusal } from '../../domain/refusals.ts';
import { get } from '../../projections/trie.ts';
import { accountOf } from './accounts.ts';
import { boundAccount } from './auth.ts';
import type { CommandForm, Origin } from './commandForm.ts';
import { derivedDigits } from './ids.ts';
import type { Accepted, ControlPlane } from './ports.ts';
import { preconditionOf } from './preconditions.ts';
import type { DoorRefusal } from './refusal.ts';
import type { Exchange } from './route.ts';

export type Wish = {
  readonly form: CommandForm;
  readonly input: object;
  readonly commandId: string;
  readonly fingerprint?: string;
  readonly ifMatch?: string;
  readonly dryRun?: boolean;
};

export type Rehearsed = { readonly rehearsed: { readonly [member: string]: unknown } };

const traceForm = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const contextOf = (wish: Wish, exchange: Exchange): CommandContext => {
  const trace = exchange.headers['traceparent'];
  return {
    commandId: wish.commandId,
    actor: exchange.caller.actor,
    admin: exchange.caller.role === 'admin',
    at: exchange.now(),
    correlationId: exchange.requestId,
    source: 'http',
    ...(typeof trace === 'string' && traceForm.test(trace) ? { traceparent: trace } : {}),
    ...(wish.fingerprint === undefined ? {} : { fingerprint: wish.fingerprint }),
  };
};

/**
 * From a checked form to the answer: whose account, which precondition, fresh ids, then the wish itself or its rehearsal.
 */
export const carryOut = async (wish: Wish, exchange: Exchange): Promise<Accepted | Rehearsed | DoorRefusal> => {
  const { form, input } = wish;
  const { controlPlane, resolveHost } = exchange;
  const account = accountOf(exchange, (input as { readonly account?: string }).account);
  if (isRefusal(account)) return account;
  const precondition = preconditionOf(wish.ifMatch, form.concerns, input);
  if (isRefusal(precondition)) return precondition;
  const freshIds: Origin['freshIds'] = (prefix, count) => idsFor(controlPlane, wish.commandId, prefix, count);
  const made = await form.make(input, { account, freshIds, resolveHost });
  if (isRefusal(made)) return made;
  const command = inAccount(made, form, exchange);
  const context = contextOf(wish, exchange);
  if (wish.dryRun !== true) return controlPlane.execute(command, context, precondition);
  const report = await controlPlane.dryRun(command, context);
  return isRefusal(report) ? report : { rehearsed: report };
};

/** A key bound to an account acts on that account's instances; the decision sees whose it is, the read model may not yet. */
const inAccount = (command: Command, { concerns }: CommandForm, { caller }: Exchange): Command => {
  const account = boundAccount(caller);
  return account === undefined || concerns !== 'instance' ? command : ({ ...command, account } as Command);
};

/** An id that is taken by another command is passed over; one that this command took before is taken again. */
export const idsFor = async (
  controlPlane: ControlPlane,
  commandId: string,
  prefix: 'i' | 'sg',
  count: number,
): Promise<readonly string[]> => {
  const network = await controlPlane.network();
  if (isRefusal(network)) throw new Error(`The newest network is refused: ${network.detail}`);
  const taken = prefix === 'i' ? network.instances : network.groups;
  const category = prefix === 'i' ? 'instance' : 'securityGroup';
  const ids: string[] = [];
  for (let index = 0; ids.length < count; index += 1) {
    for (let attempt = 0; ids.length === index; attempt += 1) {
      const id = `${prefix}-${derivedDigits(commandId, index, attempt)}`;
      const usable =
        get<unknown>(taken, id) === undefined || (await isOwn(controlPlane, `${category}-${id}`, commandId));
      if (usable && !ids.includes(id)) ids.push(id);
    }
  }
  return ids;
};

const isOwn = async (controlPlane: ControlPlane, stream: string, commandId: string): Promise<boolean> => {
  const { events } = await controlPlane.events({ after: -1, limit: 1, stream });
  return events[0]?.commandId === commandId;
};
