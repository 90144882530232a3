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

/** Throws for the first row that is not sound or not in its place: a page is whole or it is none. */
export const checkedPage = (
  rows: readonly Row[],
  after: number,
  nameOf: (stream: number) => string | undefined,
): CheckedPage => {
  const words = createWords();
  let known = '';
  const parts = rows.map((row, index) => {
    const [position, id, number, revision, type, data, metadata] = row as RowValues;
    const stream = nameOf(number);
    const flaw = position === after + 1 + index ? flawOf(row, stream) : 'another position was expected';
    if (flaw !== undefined || stream === undefined) throw new Error(`row at position ${position}: ${flaw ?? ''}`);
    const again = metadata === known;
    known = metadata;
    const head = `[${JSON.stringify(id)},${words.numberOf(stream)},${revision},${words.numberOf(type)}`;
    return `${head},${data},${again ? 0 : metadata}]`;
  });
  return { after, count: rows.length, text: `[${JSON.stringify(words.all())},[${parts.join(',')}]]` };
};

type Packed = readonly [
  words: readonly string[],
  rows: readonly (readonly [
    id: string,
    stream: number,
    revision: number,
    type: number,
    data: JsonObject,
    metadata: EventMetadata | 0,
  ])[],
];

/** Throws when the text does not hold what the page says. */
export const eventsOf = ({ after, count, text }: CheckedPage): readonly StoredEvent[] => {
  const [words, rows] = JSON.parse(text) as Packed;
  if (rows.length !== count) throw new Error(`expected ${count} rows in a page, got ${rows.length}`);
  let shared: EventMetadata = {};
  const events: StoredEvent[] = [];
  for (const [id, stream, revision, type, data, metadata] of rows) {
    if (metadata !== 0) shared = metadata;
    events.push({
      id,
      stream: words[stream] as string,
      revision,
      position: after + 1 + events.length,
      type: words[type] as string,
      data,
      metadata: shared,
    });
  }
  return events;
};
