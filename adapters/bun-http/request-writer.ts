/** Puts a request on a socket as fast as the socket takes it. Pure but for the socket; imports this folder's types. */

import type { Exchange } from './exchange.ts';

interface Writable {
  /** How many bytes were taken; negative where the socket has gone. */
  write(bytes: Uint8Array, offset?: number, length?: number): number;
}

/** A request up to this size is put together here and leaves in one write; the body of a larger one is not copied. */
const scratch = Buffer.allocUnsafe(65_536);

/** Goes on where the socket took no more; false where the socket has gone. */
export const writeRest = (exchange: Exchange, socket: Writable): boolean => {
  while (exchange.unsent !== undefined) {
    const piece = exchange.unsent;
    const writtenBytes = socket.write(piece);
    if (writtenBytes < 0) return false;
    if (writtenBytes < piece.length) {
      exchange.unsent = piece.subarray(writtenBytes);
      return true;
    }
    exchange.unsent = exchange.unsentNext;
    exchange.unsentNext = undefined;
  }
  return true;
};

const bytesOf = (head: string, body: Uint8Array | undefined): Uint8Array => {
  scratch.write(head, 0, 'latin1');
  if (body !== undefined) scratch.set(body, head.length);
  return scratch;
};

/** Writes the first of it; false where the socket had gone, in which case nothing was sent. */
export const writeRequest = (exchange: Exchange, socket: Writable): boolean => {
  const { head, body } = exchange;
  const wholeBytes = head.length + (body?.length ?? 0);
  const isSmall = wholeBytes <= scratch.length;
  const first = isSmall ? bytesOf(head, body) : Buffer.from(head, 'latin1');
  const firstBytes = isSmall ? wholeBytes : first.length;
  const writtenBytes = socket.write(first, 0, firstBytes);
  if (writtenBytes < 0) return false;
  if (writtenBytes < firstBytes) {
    exchange.unsent = new Uint8Array(first.subarray(writtenBytes, firstBytes));
    exchange.unsentNext = isSmall ? undefined : body;
  } else if (!isSmall) exchange.unsent = body;
  // What waits for the answer must not keep a large body.
  exchange.body = undefined;
  return true;
};
