/** Reads a request body once, within limits, before anything is decided. */

import { GatewayError } from '../spec/gateway-error.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** Whether gzip and deflate bodies are unpacked; refused otherwise. */
  readonly compressed: 'accepted' | 'refused';
}

/** An unpacked body this many times its size is a bomb, not a prompt. */
const maxExpansion = 100;

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('payload_too_large', `the request body is larger than ${maxBytes} bytes`);

const joined = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
};

/** Counts while it reads, for bodies whose length is not told or not to be believed. */
const readCounted = async (body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> => {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : joined(chunks, length);
};

/** Reads a body of known length into one buffer, where the runtimes' own readers hold it two or three times. */
const readKnown = async (body: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> => {
  const reader = body.getReader();
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value, offset);
    offset += value.length;
  }
  if (offset < length) throw new RangeError('the body is shorter than its length');
  return bytes;
};

/** From here on memory counts for more than the few microseconds a reader costs. */
const largeBytes = 1024 * 1024;

const readRaw = async (
  request: Request,
  length: number | undefined,
  maxBytes: number,
): Promise<Uint8Array> => {
  if (request.body === null) return new Uint8Array(0);
  return length === undefined
    ? await readCounted(request.body, maxBytes)
    : await readKnown(request.body, length);
};

const unpacked = async (bytes: Uint8Array, coding: string, maxBytes: number): Promise<Uint8Array> => {
  const format = coding === 'gzip' || coding === 'deflate' ? coding : undefined;
  if (format === undefined)
    throw new GatewayError('unsupported_media_type', 'only gzip and deflate bodies are unpacked');
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const limit = Math.min(maxBytes, bytes.length * maxExpansion);
  try {
    return await readCounted(source.pipeThrough(new DecompressionStream(format)), limit);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('invalid_request', `the body is not valid ${format}`);
  }
};

const readInPieces = async (
  request: Request,
  length: number | undefined,
  coding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> => {
  try {
    const bytes = await readRaw(request, length, maxBytes);
    return coding === undefined ? bytes : await unpacked(bytes, coding, maxBytes);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    return lost();
  }
};

const declaredLength = (header: string | null): number | undefined =>
  header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

const lost = (): never => {
  throw new GatewayError('canceled', 'the request body did not arrive whole');
};

const toBytes = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer);

/** The whole body; throws 413 before reading where the length is known, 415 for a coding that is not accepted. */
export const readBody = (request: Request, limits: BodyLimits): Promise<Uint8Array> => {
  const coding = request.headers.get('content-encoding');
  const packed = coding !== null && coding !== '' && coding !== 'identity';
  if (packed && limits.compressed === 'refused') {
    throw new GatewayError('unsupported_media_type', 'compressed request bodies are not accepted');
  }
  const length = declaredLength(request.headers.get('content-length'));
  if (length !== undefined && length > limits.maxBytes) throw tooLarge(limits.maxBytes);
  // A small body is asked for as a whole: touching `request.body` makes a stream of it, which costs more than reading it.
  if (length !== undefined && length <= largeBytes && !packed)
    return request.arrayBuffer().then(toBytes, lost);
  return readInPieces(request, length, packed ? coding.toLowerCase() : undefined, limits.maxBytes);
};
