/** Colours: only on a terminal, only if nobody asked to do without (https://no-color.org). They never carry meaning alone. */

export type Tone = 'good' | 'bad' | 'unsure' | 'dim' | 'strong';
export type Paint = (text: string, tone: Tone) => string;

const codes: { readonly [T in Tone]: string } = { good: '32', bad: '31', unsure: '33', dim: '2', strong: '1' };

export const plain: Paint = (text) => text;
export const painted: Paint = (text, tone) => `\u001b[${codes[tone]}m${text}\u001b[0m`;

export const paintFor = (
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  wanted = true,
): Paint => {
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return isTerminal && wanted && !refused ? painted : plain;
};

/** Yes, no, and nobody knows: the three answers of everything about convergence. */
export const toneOf = (yes: unknown): Tone => (yes === true ? 'good' : yes === false ? 'bad' : 'unsure');
