/** Reads a file named on the command line, or standard input for `-`. A file that cannot be read is a complaint, not a fault. */
import { readFile } from 'node:fs/promises';
import { type Complaint, usage } from './complaint.ts';
import type { CliIo } from './io.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

const why = (fault: NodeJS.ErrnoException): string => {
  switch (fault.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'you may not read it';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8';
    default:
      return fault.message;
  }
};

export const readGiven = async (file: string, io: CliIo): Promise<string | Complaint> => {
  try {
    return file === '-' ? await io.readInput() : decoder.decode(await readFile(file));
  } catch (fault) {
    const name = file === '-' ? 'Standard input' : file;
    return usage(`${name} cannot be read: ${why(fault as NodeJS.ErrnoException)}.`);
  }
};
