/**
 * Deterministic event ids: a UUID version 5 (RFC 9562) made from the command's id, the stream and the event's place in the
 * write. Repeating a command therefore repeats its ids, which is what lets every store recognise an append it has already
 * taken. Nothing here may depend on time or chance.
 */
import { hash } from 'node:crypto';

/** The house's own name space, chosen once; another value would make every repeated command look new. */
const NAMESPACE = Buffer.from('8c1f6f1e52a54a0bb3a6d2c5f0f4e917', 'hex');

const VARIANT = ['8', '9', 'a', 'b'];

/** The name space and, behind it, room for the name being hashed: longer names get a buffer of their own. */
const ROOM = 1024;
const room = Buffer.alloc(NAMESPACE.length + ROOM);
NAMESPACE.copy(room);

const digestOf = (name: string): string => {
  // A character of UTF-16 is at most three bytes of UTF-8.
  if (name.length * 3 > ROOM) return hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name, 'utf8')]), 'hex');
  const end = NAMESPACE.length + room.write(name, NAMESPACE.length, 'utf8');
  return hash('sha1', room.subarray(0, end), 'hex');
};

/**
 * The id of event number `index` (from 0) that `commandId` writes to `stream`. The length of the command id is part of the
 * hashed name, so that no two triples share one.
 */
export const eventIdOf = (commandId: string, stream: string, index: number): string => {
  const digest = digestOf(`${index}:${commandId.length}:${commandId}${stream}`);
  const variant = VARIANT[Number.parseInt(digest.slice(16, 17), 16) & 3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
};
