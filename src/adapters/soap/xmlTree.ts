/**
 * A strict XML reader that builds a small tree while bytes arrive: no document type, no processing instruction, no entity
 * beyond the five, UTF-8 only, and a limit on everything that can grow. The tree is the only thing later steps see, so a
 * signature is checked over exactly what is used afterwards. It never throws for bad input: the first refusal stands.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { Refusal } from '../../domain/refusals.ts';
import { type SoapRefusalCode, soapRefusal } from './soapRefusals.ts';

/** Namespace declarations are not attributes: they are in `XmlElement.declared`. */
export type XmlAttribute = {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
};

export type XmlElement = {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  /** Namespace declarations that stand on this element: prefix (empty for the default) to URI. */
  readonly declared: ReadonlyMap<string, string>;
  readonly parent: XmlElement | undefined;
  /** Elements and text in document order. Comments are gone, character data is unescaped. */
  readonly children: readonly (XmlElement | string)[];
};

/** `maxReferences` counts ampersands: entity and character references together. */
export type XmlLimits = {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxAttributes: number;
  readonly maxReferences: number;
};

export const defaultXmlLimits: XmlLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 32,
  maxElements: 10_000,
  maxAttributes: 64,
  maxReferences: 10_000,
};

/** `write` says at once why the rest need not be sent; `end` gives the root. Neither may be called after a refusal. */
export type XmlReader = {
  readonly write: (chunk: Uint8Array) => Refusal | undefined;
  readonly end: () => XmlElement | Refusal;
};

type Growing = XmlElement & { readonly children: (XmlElement | string)[] };
type Refuse = (code: SoapRefusalCode, detail: string) => void;

/** What one call of the parser may take: limits are looked at between slices, so one slice bounds the overshoot. */
const sliceBytes = 64 * 1024;

export const createXmlReader = (limits: XmlLimits = defaultXmlLimits): XmlReader => {
  let refusal: Refusal | undefined;
  const refuseOnce: Refuse = (code, detail) => {
    refusal ??= soapRefusal(code, detail);
  };
  const tree = growTree(limits, refuseOnce, () => refusal !== undefined);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let references = 0;

  const decode = (slice: Uint8Array | undefined): string => {
    try {
      return slice === undefined ? decoder.decode() : decoder.decode(slice, { stream: true });
    } catch {
      refuseOnce('xml-not-utf8', 'the bytes are not UTF-8');
      return '';
    }
  };
  const takeSlice = (slice: Uint8Array): void => {
    references += countAmpersands(slice);
    if (references > limits.maxReferences) {
      refuseOnce('xml-too-many-references', `more than ${limits.maxReferences} references`);
      return;
    }
    const text = decode(slice);
    if (refusal === undefined) tree.write(text);
  };
  return {
    write: (chunk) => {
      bytes += chunk.byteLength;
      if (bytes > limits.maxBytes) refuseOnce('xml-too-large', `more than ${limits.maxBytes} bytes`);
      for (let at = 0; at < chunk.byteLength && refusal === undefined; at += sliceBytes) {
        takeSlice(chunk.subarray(at, at + sliceBytes));
      }
      return refusal;
    },
    end: () => {
      const tail = refusal === undefined ? decode(undefined) : '';
      const root = refusal === undefined ? tree.end(tail) : undefined;
      if (root === undefined) refuseOnce('xml-malformed', 'no root element');
      return refusal ?? root ?? soapRefusal('xml-malformed', 'no root element');
    },
  };
};

const countAmpersands = (slice: Uint8Array): number => {
  let count = 0;
  for (let at = slice.indexOf(0x26); at >= 0; at = slice.indexOf(0x26, at + 1)) count += 1;
  return count;
};

const growTree = (limits: XmlLimits, refuseOnce: Refuse, refused: () => boolean) => {
  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  let depth = 0;
  let elements = 0;
  let attributes = 0;

  const onText = (text: string): void => {
    if (!refused()) open.at(-1)?.children.push(text);
  };
  parser.on('error', (error) => refuseOnce('xml-malformed', error.message));
  parser.on('doctype', () => refuseOnce('xml-doctype', 'a document type declaration'));
  parser.on('processinginstruction', () => refuseOnce('xml-processing-instruction', 'a processing instruction'));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') refuseOnce('xml-malformed', `XML version ${version}`);
    if (encoding !== undefined && !/^utf-8$/i.test(encoding)) refuseOnce('xml-not-utf8', `encoding ${encoding}`);
  });
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('opentagstart', () => {
    attributes = 0;
    elements += 1;
    depth += 1;
    if (depth > limits.maxDepth) refuseOnce('xml-too-deep', `deeper than ${limits.maxDepth} elements`);
    if (elements > limits.maxElements) refuseOnce('xml-too-many-elements', `more than ${limits.maxElements} elements`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > limits.maxAttributes) {
      refuseOnce('xml-too-many-attributes', `more than ${limits.maxAttributes} attributes on one element`);
    }
  });
  parser.on('opentag', (tag) => {
    if (refused()) return;
    const parent = open.at(-1);
    const element = elementOf(tag, parent, refuseOnce);
    parent?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    depth -= 1;
    if (!refused()) open.pop();
  });
  return {
    write: (text: string): void => {
      parser.write(text);
    },
    end: (tail: string): XmlElement | undefined => {
      parser.write(tail).close();
      return root;
    },
  };
};

const elementOf = (tag: SaxesTagNS, parent: XmlElement | undefined, refuseOnce: Refuse): Growing => {
  const attributes: XmlAttribute[] = [];
  const declared = new Map<string, string>();
  for (const { name, prefix, local, uri, value } of Object.values(tag.attributes)) {
    const isDeclaration = name === 'xmlns' || prefix === 'xmlns';
    if (!isDeclaration) attributes.push({ prefix, local, uri, value });
    else declared.set(name === 'xmlns' ? '' : local, value);
    // The parser trims a namespace name before it compares, other readers do not: one document, two meanings.
    if (isDeclaration && value !== value.trim()) refuseOnce('xml-malformed', 'a namespace name with blanks around it');
  }
  return { prefix: tag.prefix, local: tag.local, uri: tag.uri, attributes, declared, parent, children: [] };
};
