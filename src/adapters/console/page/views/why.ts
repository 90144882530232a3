/** May this pass, and why: the question as a form, the answer with rule, event, author, and whether the node had it. */
import type { Told, Why } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import type { Slot } from '../state.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { wholeTime } from '../words.ts';
import { problemNote } from './problem.ts';

const protocols = ['tcp', 'udp', 'icmp'];

/** `tcp/443` -> protocol and port. */
export const trafficParts = (traffic: string | undefined): readonly [protocol: string, port: string] => {
  const [protocol = 'tcp', port = ''] = (traffic ?? 'tcp/22').split('/', 2);
  return [protocol, port];
};

/** The form's words as the API takes them. */
export const trafficOf = (protocol: string, port: string): string =>
  port.trim() === '' ? protocol : `${protocol}/${port.trim()}`;

const textField = (
  name: string,
  label: string,
  value: string,
  placeholder: string,
  extra: Readonly<Record<string, string>> = {},
): Tree =>
  h(
    'span',
    { class: classes('field', name === 'port' && 'narrow') },
    h('label', { for: `why-${name}` }, label),
    h('input', {
      id: `why-${name}`,
      name,
      type: 'text',
      value,
      placeholder,
      autocomplete: 'off',
      spellcheck: 'false',
      ...extra,
    }),
  );

const form = (place: Place, endpoints: readonly string[]): Tree => {
  const [protocol, port] = trafficParts(place.traffic);
  return h(
    'form',
    { class: 'why-form', 'data-act': 'why' },
    textField('source', 'From', place.source ?? '', 'i-\u2026 or address', { list: 'endpoints', required: '' }),
    textField('destination', 'To', place.destination ?? '', 'i-\u2026 or address', { list: 'endpoints', required: '' }),
    h(
      'span',
      { class: 'field narrow' },
      h('label', { for: 'why-protocol' }, 'Protocol'),
      h(
        'select',
        { id: 'why-protocol', name: 'protocol', value: protocol },
        [...new Set([...protocols, protocol])].map((name) => h('option', { key: name, value: name }, name)),
      ),
    ),
    textField('port', 'Port', port, '443', { inputmode: 'numeric' }),
    h(
      'datalist',
      { id: 'endpoints' },
      endpoints.map((value) => h('option', { key: value, value })),
    ),
    h('button', { type: 'submit', class: 'main' }, 'Ask'),
  );
};

export const authored = (place: Place, by: Told | null): Child =>
  by !== null &&
  h(
    'small',
    { class: 'soft by' },
    'event ',
    h(
      'a',
      { href: linkTo(place, { trace: String(by.position) }), 'data-act': 'go', 'data-to': 'trace', title: by.type },
      by.position,
    ),
    ` by ${by.actor}, ${wholeTime(by.time)}`,
    by.reason !== null && ` (${by.reason})`,
  );

const answer = (why: Why, place: Place): Tree => {
  const isAllowed = why.verdict === 'allowed';
  const { rule, reached } = why;
  const had =
    reached === null ? undefined : reached.applied === true ? 'good' : reached.applied === false ? 'bad' : 'unsure';
  return h(
    'div',
    { class: classes('answer', isAllowed ? 'allowed' : 'denied') },
    h(
      'p',
      { class: 'big' },
      h('i', { class: 'sign', 'aria-hidden': 'true' }),
      h('strong', {}, isAllowed ? 'Allowed' : 'Denied'),
      h('span', { class: 'soft' }, ` at position ${why.position}`),
    ),
    h(
      'ol',
      { class: 'hops' },
      why.hops.map(({ code, text, by }) => h('li', { key: code + text, title: code }, text, ' ', authored(place, by))),
    ),
    rule !== null &&
      h(
        'p',
        { class: 'rule' },
        'Rule ',
        h('b', {}, rule.text),
        ' of ',
        h('a', { href: linkTo(place, { select: rule.groupId }) }, rule.groupId),
        ' ',
        authored(place, rule.by),
      ),
    reached !== null &&
      h(
        'p',
        { class: classes('reached', had) },
        h('i', { class: 'sign', 'aria-hidden': 'true' }),
        reached.text,
        h('small', { class: 'soft' }, ` It takes version ${reached.needs} of ${reached.cluster}.`),
      ),
  );
};

export const why = (slot: Slot<Why>, place: Place, endpoints: readonly string[]): Tree =>
  h(
    'div',
    { class: 'why' },
    form(place, endpoints),
    h(
      'div',
      { 'aria-live': 'polite' },
      slot.problem !== undefined
        ? problemNote(slot.problem)
        : slot.value === undefined
          ? h(
              'p',
              { class: 'empty' },
              'Which rule lets a packet in, who set it, and has the node got it? The moment shown above counts.',
            )
          : answer(slot.value, place),
    ),
  );
