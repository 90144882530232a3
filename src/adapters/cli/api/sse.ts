/** Reads server-sent events from bytes as they come, cut anywhere. Only what our own door writes is understood. */

export type Frame = { readonly event: string; readonly id: string | undefined; readonly data: string };

const frameOf = (block: string): Frame | undefined => {
  let [event, id] = ['message', undefined as string | undefined];
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, id, data: data.join('\n') };
};

/** Frames of a stream; comments (heartbeats) are passed over but reset whatever watches for silence through `onBytes`. */
export async function* framesOf(stream: AsyncIterable<Uint8Array>, onBytes: () => void): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const bytes of stream) {
    onBytes();
    pending += decoder.decode(bytes, { stream: true });
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const frame = frameOf(block);
      if (frame !== undefined) yield frame;
    }
  }
}
