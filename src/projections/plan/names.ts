/**
 * Names the kernel will take, derived from ids it might not: instance ports (15 characters), chains and sets (letters,
 * digits, `_` and `-`, never a keyword, never a digit first). Equal ids give equal names, different ids different ones.
 * No character of an id reaches a rule text except through here.
 */
import { createHash } from 'node:crypto';

const portLimit = 15;

const digest = (id: string, digits: number): string => createHash('sha256').update(id).digest('hex').slice(0, digits);

/** `vn_i-0000000a`; for longer or odd ids the prefix and eleven or so digits of a hash. */
export const portName = (prefix: string, instanceId: string): string => {
  const plain = `${prefix}${instanceId}`;
  if (plain.length <= portLimit && /^[A-Za-z0-9_-]+$/.test(instanceId)) return plain;
  return `${prefix}${digest(instanceId, portLimit - prefix.length)}`;
};

const word = (id: string): string => (/^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : `x.${digest(id, 32)}`);

export const groupChain = (groupId: string): string => `g_${word(groupId)}`;
export const groupSet = (groupId: string): string => `m_${word(groupId)}`;
export const instanceChain = (instanceId: string): string => `i_${word(instanceId)}`;

/** What may stand inside a quoted comment; anything else is replaced by its hash. */
export const commentWord = (text: string): string => (/^[A-Za-z0-9._-]{0,32}$/.test(text) ? text : digest(text, 16));
