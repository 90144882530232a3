/**
 * A strict XML reader that builds a small tree while bytes arrive: no document type, no processing instruction, no entity
 * beyond the five, UTF-8 only, and a limit on everything that can grow. The tree is the only thing later steps see, so a
 * signature is checked over exactly what is used afterwards. For bad input it answers with the first
 * refusal, never with an exception.
 */
import { SaxesParser, type SaxesTagNS, type XMLDecl } from 'saxes';
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

/**
 * `maxReferences` counts ampersands: entity and character references together. `maxQuotes` counts quotation marks of both
 * kinds: attribute values stand between them, so it bounds what one endless tag can pile up before it ends.
 */
export type XmlLimits = {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxAttributes: number;
  readonly maxReferences: number;
  readonly maxQuotes: number;
};

export const defaultXmlLimits: XmlLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 32,
  maxElements: 10_000,
  maxAttributes: 64,
  maxReferences: 10_000,
  maxQuotes: 100_000,
};

/** `write` says at once why the rest need not be sent; `end` gives the root. After a refusal both repeat it. */
export type XmlReader = {
  readonly write: (chunk: Uint8Array) => Refusal | undefined;
  readonly end: () => XmlElement | Refusal;
};

type Growing = XmlElement & { readonly children: (XmlElement | string)[] };

/** Leaves the parser where it stands. Thrown and caught in this file only; the refusal itself is a value. */
class Stopped extends Error {
  readonly refusal: Refusal;
  constructor(code: SoapRefusalCode, detail: string) {
    super(code);
    this.refusal = soapRefusal(code, detail);
  }
}

const refusalOf = (error: unknown): Refusal =>
  error instanceof Stopped ? error.refusal : soapRefusal('xml-malformed', error instanceof Error ? error.message : '');

/** What one call of the parser may take: sizes are looked at between slices, so one slice bounds the overshoot. */
const sliceBytes = 64 * 1024;

export const createXmlReader = (limits: XmlLimits = defaultXmlLimits): XmlReader => {
  const tree = growTree(limits);
  const measure = createMeasure(limits);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let refusal: Refusal | undefined;

  const decode = (slice: Uint8Array, stream: boolean): string => {
    try {
      return decoder.decode(slice, { stream });
    } catch {
      throw new Stopped('xml-not-utf8', 'the bytes are not UTF-8');
    }
  };
  const attempt = (step: () => void): Refusal | undefined => {
    if (refusal !== undefined) return refusal;
    try {
      step();
    } catch (error) {
      refusal = refusalOf(error);
    }
    return refusal;
  };
  return {
    write: (chunk) =>
      attempt(() => {
        measure.size(chunk.byteLength);
        for (let at = 0; at < chunk.byteLength; at += sliceBytes) {
          const slice = chunk.subarray(at, at + sliceBytes);
          measure.content(slice);
          tree.write(decode(slice, true));
        }
      }),
    end: () => {
      let root: XmlElement | undefined;
      const refused = attempt(() => {
        root = tree.end(decode(new Uint8Array(0), false));
      });
      return refused ?? root ?? soapRefusal('xml-malformed', 'no root element');
    },
  };
};

const countOf = (slice: Uint8Array, byte: number): number => {
  let count = 0;
  for (let at = slice.indexOf(byte); at >= 0; at = slice.indexOf(byte, at + 1)) count += 1;
  return count;
};

/** Counts what can be counted without parsing. */
const createMeasure = (limits: XmlLimits) => {
  let bytes = 0;
  let references = 0;
  let quotes = 0;
  return {
    size: (more: number): void => {
      bytes += more;
      if (bytes > limits.maxBytes) throw new Stopped('xml-too-large', `more than ${limits.maxBytes} bytes`);
    },
    content: (slice: Uint8Array): void => {
      references += countOf(slice, 0x26);
      quotes += countOf(slice, 0x22) + countOf(slice, 0x27);
      if (references > limits.maxReferences) {
        throw new Stopped('xml-too-many-references', `more than ${limits.maxReferences} references`);
      }
      if (quotes > limits.maxQuotes) {
        throw new Stopped('xml-too-many-attributes', `more than ${limits.maxQuotes} quotation marks`);
      }
    },
  };
};

/**
 * The parser with our rules around it; it throws by itself at the first error. Six listeners and no more: each is a
 * property stored by a computed key, and with a seventh the engine turns the parser into a dictionary, at five times the
 * cost for every character. Hence depth and attributes are counted when a tag is complete, and the declaration is looked
 * at with the root.
 */
const growTree = (limits: XmlLimits) => {
  const parser = new SaxesParser({ xmlns: true, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  let elements = 0;

  const onText = (text: string): void => {
    open.at(-1)?.children.push(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('doctype', () => {
    throw new Stopped('xml-doctype', 'a document type declaration');
  });
  parser.on('processinginstruction', () => {
    throw new Stopped('xml-processing-instruction', 'a processing instruction');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (open.length >= limits.maxDepth) throw new Stopped('xml-too-deep', `deeper than ${limits.maxDepth} elements`);
    if (elements > limits.maxElements) {
      throw new Stopped('xml-too-many-elements', `more than ${limits.maxElements} elements`);
    }
    if (root === undefined) checkDeclaration(parser.xmlDecl);
    const parent = open.at(-1);
    const element = elementOf(tag, parent, limits);
    parent?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
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

const checkDeclaration = ({ version, encoding }: XMLDecl): void => {
  if (version !== undefined && version !== '1.0') throw new Stopped('xml-malformed', `XML version ${version}`);
  if (encoding !== undefined && !/^utf-8$/i.test(encoding)) throw new Stopped('xml-not-utf8', `encoding ${encoding}`);
};

const absoluteName = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

const elementOf = (tag: SaxesTagNS, parent: XmlElement | undefined, limits: XmlLimits): Growing => {
  const attributes: XmlAttribute[] = [];
  const declared = new Map<string, string>();
  const all = Object.values(tag.attributes);
  if (all.length > limits.maxAttributes) {
    throw new Stopped('xml-too-many-attributes', `more than ${limits.maxAttributes} attributes on one element`);
  }
  for (const { name, prefix, local, uri, value } of all) {
    const isDeclaration = name === 'xmlns' || prefix === 'xmlns';
    if (!isDeclaration) attributes.push({ prefix, local, uri, value });
    else declared.set(name === 'xmlns' ? '' : local, value);
    // Relative names have no canonical form, and blanks around a name mean something else to every reader.
    if (isDeclaration && value !== '' && !absoluteName.test(value)) {
      throw new Stopped('xml-malformed', 'a namespace name that is not an absolute URI');
    }
  }
  return { prefix: tag.prefix, local: tag.local, uri: tag.uri, attributes, declared, parent, children: [] };
};
