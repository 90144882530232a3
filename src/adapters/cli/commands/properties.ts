/** `edgelog properties`: cloud properties with value, default and meaning. */
import { segment } from '../api/api.ts';
import { lists, shows } from '../collection.ts';
import { list, many, type Noun, one } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { asksOnly, wishes } from '../sharedOptions.ts';
import { column, type Item } from '../show/table.ts';
import { carry } from '../wish.ts';

const path = '/v1/properties';
const pathOf = (name: string): string => `${path}/${segment(name)}`;

/** A configuration as a value would fill the screen; `-o json` has it whole. */
const shortValue = ({ value }: Item): string => {
  const written = String(value ?? '').replaceAll(/\s+/g, ' ');
  return written.length > 40 ? `${written.slice(0, 39)}…` : written;
};

const columns = [
  column('NAME', 'name'),
  column('VALUE', shortValue),
  column('SET', 'set', ({ set }) => (set === true ? 'strong' : undefined)),
  column('KIND', ({ kind, unit }) => (typeof unit === 'string' ? `${String(kind)} (${unit})` : kind)),
  column('MEANING', 'meaning'),
];

const name = one('NAME', 'name of a property');

/** `NAME=VALUE` each; a name that is given twice, or set and reset at once, is a mistake. */
const valuesOf = (
  settings: readonly string[],
  resets: readonly string[],
): { readonly [name: string]: string | null } | Complaint => {
  const values = new Map<string, string | null>(resets.map((reset) => [reset, null]));
  if (values.size < resets.length) return usage('--reset names a property twice.');
  for (const setting of settings) {
    const cut = setting.indexOf('=');
    if (cut < 1) return usage(`Expected NAME=VALUE, got ${setting.slice(0, 80)}.`);
    const property = setting.slice(0, cut);
    if (values.has(property)) return usage(`${property} is given twice.`);
    values.set(property, setting.slice(cut + 1));
  }
  return Object.fromEntries(values);
};

export const properties: Noun = {
  name: 'properties',
  about: 'cloud properties: what the cloud does, as events',
  commands: [
    {
      about: 'all properties with value and meaning',
      shares: asksOnly,
      run: lists(path, columns, 'name'),
    },
    {
      verb: 'get',
      about: 'one property; -o name gives its value alone',
      arguments: [name],
      shares: asksOnly,
      run: shows(pathOf, 'NAME', 'value'),
    },
    {
      verb: 'set',
      about: 'set a property',
      arguments: [name, one('VALUE', 'its new value')],
      shares: wishes,
      run: (call) =>
        carry(call, {
          method: 'PUT',
          path: pathOf(call.given.argument('NAME')),
          body: { value: call.given.argument('VALUE') },
        }),
    },
    {
      verb: 'change',
      about: 'set several properties at once, all of them or none',
      arguments: [many('NAME=VALUE', 'a property and its new value')],
      options: { reset: list('NAME', 'and set this one back to its default') },
      shares: wishes,
      examples: ['edgelog properties change cloud.vmstate.stopping_time=5 --reset edgelog.dirty_limit'],
      run: async (call) => {
        const values = valuesOf(call.given.rest('NAME=VALUE'), call.given.list('reset'));
        return isComplaint(values) ? values : carry(call, { method: 'PUT', path, body: { values } });
      },
    },
    {
      verb: 'reset',
      about: 'set a property back to its default',
      arguments: [name],
      shares: wishes,
      run: (call) => carry(call, { method: 'DELETE', path: pathOf(call.given.argument('NAME')) }),
    },
  ],
};
