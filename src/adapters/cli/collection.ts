/** What commands about collections of the API do alike: list what there is, and show one thing, now or at the moment asked for. */
import type { CommandSpec } from './command.ts';
import { isComplaint } from './complaint.ts';
import { exits } from './exits.ts';
import type { Column } from './show/table.ts';

/** `naming`: the member that names an item. `filters`: options that are passed on under their own names. */
export const lists =
  (path: string, columns: readonly Column[], naming: string, filters: readonly string[] = []): CommandSpec['run'] =>
  async ({ api, given, show }) => {
    const query = [...filters, 'at'].map((key) => [key, given.text(key)] as const);
    const items = await api.all(path, Object.fromEntries(query));
    if (isComplaint(items)) return items;
    await show.list(items, columns, (item) => item[naming]);
    return exits.ok;
  };

/** `argument`: the one that says which. `naming`: the member that stands for the thing where only a name is wanted. */
export const shows =
  (pathOf: (id: string) => string, argument: string, naming: string): CommandSpec['run'] =>
  async ({ api, given, show }) => {
    const reply = await api.get(pathOf(given.argument(argument)), { at: given.text('at') });
    if (isComplaint(reply)) return reply;
    await show.thing(reply.json, () => reply.json[naming]);
    return exits.ok;
  };
