/** Asks for an API key, where the control plane wants one. */
import { h, type Tree } from '../tree.ts';

export const keyForm = (isRefused: boolean): Tree =>
  h(
    'form',
    { class: 'key-form', 'data-act': 'key', key: 'key' },
    h('h1', {}, 'Edgelog'),
    h(
      'p',
      {},
      'This control plane wants an API key. The console only reads: a key with the role ',
      h('b', {}, 'viewer'),
      ' is enough.',
    ),
    isRefused && h('p', { class: 'problem', role: 'alert' }, 'That key is not known here, or has expired.'),
    h('label', { for: 'key' }, 'API key'),
    h('input', {
      id: 'key',
      name: 'key',
      type: 'password',
      autocomplete: 'off',
      spellcheck: 'false',
      required: true,
      placeholder: 'el_\u2026',
      autofocus: true,
    }),
    h('button', { type: 'submit', class: 'main' }, 'Open'),
    h(
      'p',
      { class: 'soft' },
      'It is kept by this tab until it is closed, and sent to this server only. ',
      h('code', {}, 'edgelog keys add NAME --role viewer'),
      ' makes one.',
    ),
  );
