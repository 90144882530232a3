/**
 * Writes the content of a SOAP body: one message element with its children in schema order (`schema.ts`), all in the
 * Eucalyptus namespace, in exclusive canonical form by construction (no self-closing tags, namespace declared where it is
 * first used). Long text goes through as shared pieces. It must never reorder, indent or join them.
 */
import type { Piece, SoapMessage } from './messages.ts';
import { namespaces } from './names.ts';
import { type Field, fieldsOf } from './schema.ts';
import { writtenPiece, writtenText } from './xmlText.ts';

type Members = { readonly [name: string]: unknown };

/** Collects text, and keeps it as few buffers as the pieces between allow. */
export const createSheet = () => {
  const pieces: Uint8Array[] = [];
  let pending = '';
  const flush = (): void => {
    if (pending.length > 0) pieces.push(Buffer.from(pending));
    pending = '';
  };
  return {
    text: (text: string): void => {
      pending += text;
    },
    pieces: (more: readonly Piece[]): void => {
      flush();
      for (const piece of more) if (piece.length > 0) pieces.push(writtenPiece(piece));
    },
    done: (): readonly Uint8Array[] => {
      flush();
      return pieces;
    },
  };
};

type Sheet = ReturnType<typeof createSheet>;

const isPieces = (value: unknown): value is readonly Piece[] => Array.isArray(value);
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const writeValue = (sheet: Sheet, field: Field, value: unknown): void => {
  sheet.text(`<euca:${field.name}>`);
  if (field.form === 'pieces') {
    if (isPieces(value)) sheet.pieces(value);
  } else if (typeof field.form === 'object') {
    if (isMembers(value)) writeFields(sheet, field.form.fields, value);
  } else {
    sheet.text(writtenText(String(value)));
  }
  sheet.text(`</euca:${field.name}>`);
};

const writeFields = (sheet: Sheet, fields: readonly Field[], members: Members): void => {
  for (const field of fields) {
    const value = members[field.name];
    if (value === undefined) continue;
    if (field.form === 'pieces' && isPieces(value) && value.length === 0) continue;
    const values = field.many && Array.isArray(value) ? value : [value];
    for (const one of values) writeValue(sheet, field, one);
  }
};

/** The message element alone, as bytes in pieces: what stands between the tags of `soapenv:Body`. */
export const writeMessage = (message: SoapMessage): readonly Uint8Array[] => {
  const sheet = createSheet();
  sheet.text(`<euca:${message.kind} xmlns:euca="${namespaces.eucalyptus}">`);
  writeFields(sheet, fieldsOf(message.kind), message);
  sheet.text(`</euca:${message.kind}>`);
  return sheet.done();
};
