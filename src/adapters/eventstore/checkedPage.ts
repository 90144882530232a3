/**
 * A page of rows on its way from the thread that read and checked them to the one that needs the events: one text of JSON, which
 * is parsed at once and at less cost than the rows one by one. The texts in it are the very ones whose sums were checked.
 */
import type { EventMetadata, JsonObject, StoredEvent } from '../../domain/eventStore.ts';
import { flawOf, type Row, type RowValues } from './sqliteRows.ts';

/** Rows with positions `after + 1` to `after + count`. */
export type CheckedPage = { readonly after: number; readonly count: number; readonly text: string };

/** Texts that occur again and again, each once; rows name them by number. */
const createWords = () => {
  const numbers = new Map<string, number>();
  return {
    numberOf: (word: string): number => {
      const known = numbers.get(word);
      if (known !== undefined) return known;
      numbers.set(word, numbers.size);
      return numbers.size - 1;
    },
    all: (): readonly string[] => [...numbers.keys()],
  };
};

/** Stands for the metadata of the event before: those of one command share theirs. */
const SAME = 0;

/**
 * Throws for the first row that is not sound or not in its place: a page is whole or it is none. Columns, because parsing a few
 * long lists makes far fewer objects than parsing many short ones.
 */
export const checkedPage = (
  rows: readonly Row[],
  after: number,
  nameOf: (stream: number) => string | undefined,
): CheckedPage => {
  const words = createWords();
  const [ids, streams, revisions, types]: [string[], number[], number[], number[]] = [[], [], [], []];
  const [datas, metadatas]: [string[], (string | number)[]] = [[], []];
  let known = '';
  for (const row of rows) {
    const [position, id, number, revision, type, data, metadata] = row as RowValues;
    const stream = nameOf(number);
    const flaw = position === after + 1 + ids.length ? flawOf(row, stream) : 'another position was expected';
    if (flaw !== undefined || stream === undefined) throw new Error(`row at position ${position}: ${flaw ?? ''}`);
    ids.push(id);
    streams.push(words.numberOf(stream));
    revisions.push(revision);
    types.push(words.numberOf(type));
    datas.push(data);
    metadatas.push(metadata === known ? SAME : metadata);
    known = metadata;
  }
  const plain = JSON.stringify([words.all(), ids, streams, revisions, types]);
  const text = `[${plain},[${datas.join(',')}],[${metadatas.join(',')}]]`;
  return { after, count: rows.length, text };
};

type Packed = readonly [
  plain: readonly [
    words: readonly string[],
    ids: readonly string[],
    streams: readonly number[],
    revisions: readonly number[],
    types: readonly number[],
  ],
  datas: readonly JsonObject[],
  metadatas: readonly (EventMetadata | typeof SAME)[],
];

/** Throws when the text does not hold what the page says. */
export const eventsOf = ({ after, count, text }: CheckedPage): readonly StoredEvent[] => {
  const [[words, ids, streams, revisions, types], datas, metadatas] = JSON.parse(text) as Packed;
  if (datas.length !== count || metadatas.length !== count) throw new Error(`expected ${count} events in a page`);
  let metadata: EventMetadata = {};
  return datas.map((data, index) => {
    const own = metadatas[index];
    if (own !== undefined && own !== SAME) metadata = own;
    return {
      id: ids[index] as string,
      stream: words[streams[index] as number] as string,
      revision: revisions[index] as number,
      position: after + 1 + index,
      type: words[types[index] as number] as string,
      data,
      metadata,
    };
  });
};
