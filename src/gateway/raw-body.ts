/** The body of a request that is passed on as it is: read as far as its model's name, then streamed. Shell. */

import { checkModel } from '../protocols/request-checks.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json } from '../spec/json.ts';
import type { FetchInit } from '../spec/ports.ts';
import type { Raw } from '../spec/vocabulary.ts';
import { InvalidJson, type ParsedBody, parseBody } from '../wire/json.ts';
import { attachLargeStrings } from '../wire/large-strings.ts';
import { boundaryOf, createFieldFinder, type FormField } from '../wire/multipart.ts';
import { type JsonEdit, spliceJson } from '../wire/splice.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import type { Parsed, Received } from './stages.ts';

/** A body as it came in: whole, or a form that comes. */
export type RawSource =
  | { readonly kind: 'json'; readonly bytes: Uint8Array }
  | { readonly kind: 'form'; readonly contentType: string; readonly stream: ReadableStream<Uint8Array> };

export interface RawBody {
  readonly model: string;
  /** As it was sent; it goes no further. A form has none, since its fields are not known before the host is chosen. */
  readonly intent: Json | undefined;
  readonly contentType: string;
  /** What is sent to a host that knows the model by that name. */
  open(upstream: string): Pick<FetchInit, 'body' | 'bodyStream'>;
  /** Whether a part of it went somewhere and is not here any more, so that it cannot be sent again. */
  isSpent(): boolean;
  /** What was wrong with the part that came while it was sent. */
  problem(): GatewayError | undefined;
  /** Nobody wants the rest. */
  cancel(): void;
}

/** A request whose body passes as it is. */
export interface RawReceived extends Received {
  readonly raw: Raw;
}

export interface RawLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/** What a request is taken to mean that names no model, where the dialect lets it. */
const defaultModels: Partial<Record<Raw, string>> = { moderation: 'omni-moderation-latest' };

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('payload_too_large', `the request body is larger than ${maxBytes} bytes`);

const badForm = (): GatewayError =>
  new GatewayError('invalid_request', 'the body must be multipart/form-data with a boundary, and whole');

const jsonBody = (bytes: Uint8Array, raw: Raw, { maxDepth }: RawLimits): RawBody => {
  let parsed: ParsedBody;
  try {
    parsed = parseBody(bytes, { maxDepth });
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
  }
  const body = asObject(parsed.value);
  if (body === undefined) throw new GatewayError('invalid_request', 'the body must be a JSON object');
  const model = checkModel(body.model ?? defaultModels[raw]);
  const { intent, ...others } = body;
  return {
    model,
    intent,
    contentType: 'application/json',
    open: (upstream) => {
      const edits: JsonEdit[] = [];
      if (body.model !== upstream) edits.push({ path: ['model'], value: upstream });
      if (intent !== undefined) edits.push({ path: ['intent'], value: undefined });
      if (edits.length === 0) return { body: bytes };
      const spliced = spliceJson(bytes, edits);
      if (spliced !== undefined) return { body: spliced };
      return { body: attachLargeStrings(JSON.stringify({ ...others, model: upstream }), parsed.large) };
    },
    isSpent: () => false,
    problem: () => undefined,
    cancel: () => undefined,
  };
};

const renamed = (bytes: Uint8Array, { value, start, end }: FormField, upstream: string): Uint8Array => {
  if (value === upstream) return bytes;
  const name = encodeUtf8(upstream);
  const joined = new Uint8Array(bytes.length - (end - start) + name.length);
  joined.set(bytes.subarray(0, start));
  joined.set(name, start);
  joined.set(bytes.subarray(end), start + name.length);
  return joined;
};

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Reads until the field has come: a form that names its model last has to be held until then, as JSON is. */
const readHead = async (reader: Reader, boundary: string, maxBytes: number) => {
  const finder = createFieldFinder(boundary, 'model');
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw badForm();
    const state = finder.push(value);
    const field = finder.field();
    if (field !== undefined) return { field, bytes: finder.bytes() };
    if (state === 'broken') throw badForm();
    if (state === 'missing')
      throw new GatewayError('invalid_request', 'model is required', { param: 'model' });
    if (finder.bytes().length > maxBytes) throw tooLarge(maxBytes);
  }
};

const formBody = async (
  contentType: string,
  stream: ReadableStream<Uint8Array>,
  { maxBytes }: RawLimits,
): Promise<RawBody> => {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) throw badForm();
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  let head: Awaited<ReturnType<typeof readHead>>;
  try {
    head = await readHead(reader, boundary, maxBytes);
  } catch (error) {
    cancel();
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('canceled', 'the request body did not arrive whole');
  }
  let sizeBytes = head.bytes.length;
  let spent = false;
  let problem: GatewayError | undefined;

  /** The head again for each host, and the rest for the first that takes it. */
  const bodyStream = (upstream: string): ReadableStream<Uint8Array> => {
    let first: Uint8Array | undefined = renamed(head.bytes, head.field, upstream);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (first !== undefined) {
            controller.enqueue(first);
            first = undefined;
            return;
          }
          spent = true;
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            return;
          }
          sizeBytes += value.length;
          if (sizeBytes <= maxBytes) {
            controller.enqueue(value);
            return;
          }
          problem = tooLarge(maxBytes);
          cancel();
          controller.error(problem);
        },
      },
      { highWaterMark: 0 },
    );
  };
  return {
    model: checkModel(head.field.value),
    intent: undefined,
    contentType,
    open: (upstream) => ({ bodyStream: bodyStream(upstream) }),
    isSpent: () => spent,
    problem: () => problem,
    cancel,
  };
};

/** As much as the stages after it need to know. */
export const parsedRaw = (received: RawReceived, { model, intent }: RawBody): Parsed => ({
  received,
  body: {},
  ownMembers: [],
  strict: false,
  large: undefined,
  peek: { model, intent, stream: false, needs: [] },
  remembered: undefined,
});

/** Reads a body as far as it must be known before a host is chosen; throws a `GatewayError` for what is wrong with it. */
export const readRawBody = async (source: RawSource, raw: Raw, limits: RawLimits): Promise<RawBody> =>
  source.kind === 'json'
    ? jsonBody(source.bytes, raw, limits)
    : await formBody(source.contentType, source.stream, limits);
