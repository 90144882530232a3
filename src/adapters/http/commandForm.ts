/**
 * The form in which a command comes in from outside: which members it takes, who may wish it, and how the domain's command is
 * made of them. One form serves its route (some members come from the path) and the batch (all members in one object).
 * A form adds ids and the account; it decides nothing.
 */
import type { Command, CommandType } from '../../domain/commands.ts';
import type { DoorRefusal } from './refusal.ts';
import type { Access, Concern } from './route.ts';
import { type Members, object, type Schema } from './schema.ts';

/** What a form may ask for besides its members. */
export type Origin = {
  readonly account: string;
  /** Ids that this command has not used and nobody else has: `prefix-` and eight hex digits, the same on every repetition. */
  readonly freshIds: (prefix: 'i' | 'sg', count: number) => Promise<readonly string[]>;
  /** The IPv4 address a host name stands for, `0.0.0.0` if none. */
  readonly resolveHost: (host: string) => Promise<string>;
};

export type CommandForm = {
  readonly type: CommandType;
  readonly summary: string;
  readonly access: Access;
  readonly members: Members;
  readonly required: readonly string[];
  readonly concerns?: Concern;
  readonly make: (input: object, origin: Origin) => Command | DoorRefusal | Promise<Command | DoorRefusal>;
};

/** `T` is the type of the members after `object(members, required)` has accepted them. */
export const commandForm = <T extends object>(
  form: Omit<CommandForm, 'make'> & {
    readonly make: (input: T, origin: Origin) => Command | DoorRefusal | Promise<Command | DoorRefusal>;
  },
): CommandForm => ({ ...form, make: (input, origin) => form.make(input as T, origin) });

const bodies = new WeakMap<CommandForm, Map<string, Schema>>();

/** Schema of the body when the named members come from the path. Made once per form and set of names. */
export const bodyOf = (form: CommandForm, fromPath: readonly string[]): Schema => {
  const known = bodies.get(form) ?? new Map<string, Schema>();
  bodies.set(form, known);
  const key = fromPath.join(' ');
  const schema = known.get(key) ?? restOf(form, fromPath);
  known.set(key, schema);
  return schema;
};

const restOf = (form: CommandForm, fromPath: readonly string[]): Schema =>
  object(
    Object.fromEntries(Object.entries(form.members).filter(([member]) => !fromPath.includes(member))),
    form.required.filter((member) => !fromPath.includes(member)),
    { title: form.type, description: form.summary },
  );

/** Schema of the command as an item of a batch. */
export const itemOf = (form: CommandForm): Schema =>
  object({ command: { const: form.type }, ...form.members }, ['command', ...form.required], {
    title: `${form.type}Item`,
    description: form.summary,
  });
