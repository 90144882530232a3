/**
 * What `euca-describe-groups verbose` and `euca-describe-addresses verbose` print: fields between tabs, one thing a line, its
 * kind first. Lines of other kinds are passed over; a line of the right kind that cannot be read is a complaint.
 */
import { type Complaint, isComplaint, usage } from './complaint.ts';
import type { TakeoverWords } from './hooks.ts';

const fieldsOf = (line: string): readonly string[] => line.split(/\t/).map((field) => field.trim());

const account = /\b\d{12}\b/;
const nobody = '000000000000';

/** `GROUP <tab> sg-id <tab> account <tab> name <tab> description`. */
const groupOn = (line: string, number: number): TakeoverWords['groups'][number] | Complaint | undefined => {
  const [kind, id = '', owner = '', name = '', description = ''] = fieldsOf(line);
  if (kind !== 'GROUP') return undefined;
  if (/^sg-[0-9a-fA-F]{8}$/.test(id) && account.test(owner) && name !== '') {
    return { id: id.toLowerCase(), account: owner, name, description };
  }
  return usage(`Line ${number} of the groups is not "GROUP, id, account, name, description" between tabs.`);
};

/** `ADDRESS <tab> address <tab> who has it`, the owner's account somewhere in the last; without one nobody owns it. */
const addressOn = (line: string, number: number): TakeoverWords['elastic'][number] | Complaint | undefined => {
  const [kind, address = '', ...rest] = fieldsOf(line);
  if (kind !== 'ADDRESS') return undefined;
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    return usage(`Line ${number} of the addresses is not "ADDRESS, address, owner" between tabs.`);
  }
  const owner = account.exec(rest.join(' '))?.[0];
  return owner === undefined || owner === nobody ? undefined : { address, account: owner };
};

const linesOf = <T extends object>(
  text: string,
  read: (line: string, number: number) => T | Complaint | undefined,
): readonly T[] | Complaint => {
  const found: T[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const one = read(line, index + 1);
    if (one === undefined) continue;
    if (isComplaint(one)) return one;
    found.push(one);
  }
  return found;
};

export const groupsListed = (text: string): TakeoverWords['groups'] | Complaint => linesOf(text, groupOn);
export const elasticListed = (text: string): TakeoverWords['elastic'] | Complaint => linesOf(text, addressOn);
