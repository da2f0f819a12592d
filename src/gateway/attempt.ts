/** One call to one host, up to its first content: until then nothing of it is shown to the client. Shell. */

import { upstreamMessage } from '../backends/upstream-message.ts';
import type { Decoder } from '../protocols/protocol.ts';
import { type ChatEvent, isContent } from '../spec/chat-event.ts';
import type { FetchReply, Ports } from '../spec/ports.ts';
import type { Timeouts } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type Failure, failureOfCut, failureOfError, failureOfText, malformed } from './failure.ts';
import { withoutOwnSecrets } from './own-secrets.ts';
import type { Lease } from './slots.ts';
import { type Resolved, wantsStream } from './stages.ts';
import { type UpstreamRequest, upstreamRequest } from './upstream-request.ts';
import { type Cut, createWatchdog, type Watchdog } from './watchdog.ts';
import { residencyAnswer, type WholeAnswer, wholeAnswer } from './whole-answer.ts';

/** What every attempt of a request shares, and the one slot it holds. */
export interface AttemptContext {
  readonly resolved: Resolved;
  readonly lease: Lease;
  readonly ports: Ports;
  readonly timeouts: Timeouts;
  readonly probeTimeoutMs: Millis;
  readonly lastChance: boolean;
}

/** A live attempt: the way to end it, and why it was ended. */
export interface Attempt {
  readonly lease: Lease;
  readonly request: UpstreamRequest;
  readonly watchdog: Watchdog;
  readonly startedAt: Millis;
  /** Closes the upstream in whatever phase it is; the first reason stands. */
  readonly cut: (why: Cut) => void;
  readonly cutBy: () => Cut | undefined;
  /** Called at the cut, for a relay nobody reads from just then. */
  readonly whenCut: (run: (why: Cut) => void) => void;
}

export interface OpenStream {
  readonly kind: 'stream';
  readonly attempt: Attempt;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly decoder: Decoder;
  /** The chunks read so far, as they came. */
  readonly chunks: readonly Uint8Array[];
  /** What they said. */
  readonly events: readonly ChatEvent[];
  readonly reply: FetchReply;
}

export interface OpenWhole extends WholeAnswer {
  readonly kind: 'whole';
  readonly attempt: Attempt;
  /** Absent where no host had to be asked. */
  readonly reply: FetchReply | undefined;
}

export type Opened = OpenStream | OpenWhole;

export type AttemptResult =
  | Opened
  | { readonly kind: 'failed'; readonly failure: Failure; readonly attempt?: Attempt };

/** A body that says why a host refused is small; what is beyond this is not read. */
const maxErrorBytes = 64 * 1024;

const isOk = (status: number): boolean => status >= 200 && status < 300;

const errorText = async (reply: FetchReply): Promise<string> => {
  const bytes = new Uint8Array(await reply.arrayBuffer());
  return upstreamMessage(bytes.length > maxErrorBytes ? bytes.subarray(0, maxErrorBytes) : bytes);
};

interface Connection {
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Whether headers came. */
  answered: boolean;
}

const connect = (context: AttemptContext, request: UpstreamRequest): Connection => {
  const { lease, ports, resolved, timeouts } = context;
  const controller = new AbortController();
  let cutBy: Cut | undefined;
  let onCut = (_why: Cut): void => undefined;
  const connection: Connection = {
    signal: controller.signal,
    reader: undefined,
    answered: false,
    attempt: {
      lease,
      request,
      startedAt: ports.clock.now(),
      cutBy: () => cutBy,
      cut: (why) => {
        if (cutBy !== undefined) return;
        cutBy = why;
        watchdog.stop();
        // Both, always: on one runtime aborting alone leaves the socket open, on another canceling alone does.
        connection.reader?.cancel().catch(() => undefined);
        controller.abort();
        onCut(why);
      },
      whenCut: (run) => {
        onCut = run;
        if (cutBy !== undefined) run(cutBy);
      },
      get watchdog() {
        return watchdog;
      },
    },
  };
  const watchdog = createWatchdog({
    clock: ports.clock,
    timeouts,
    arrivedAt: resolved.received.arrivedAt,
    lastChance: context.lastChance,
    alive: () => answersInTime(context),
    cut: connection.attempt.cut,
  });
  resolved.received.departure.whenLeft(connection.attempt.cut);
  return connection;
};

const answersInTime = async ({ lease, ports, probeTimeoutMs }: AttemptContext): Promise<boolean> => {
  const controller = new AbortController();
  const cancel = ports.clock.after(probeTimeoutMs, () => controller.abort());
  try {
    await lease.host.backend.alive(ports.fetch, controller.signal);
    return true;
  } catch {
    return false;
  } finally {
    cancel();
  }
};

const openStream = async (
  connection: Connection,
  reply: FetchReply,
  body: ReadableStream<Uint8Array>,
): Promise<AttemptResult> => {
  const { attempt } = connection;
  const reader = body.getReader();
  connection.reader = reader;
  const decoder = attempt.request.wire.decoder(attempt.request.operation);
  const chunks: Uint8Array[] = [];
  const events: ChatEvent[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    const heard = done ? decoder.end() : decoder.push(value);
    if (!done) chunks.push(value);
    for (const event of heard) {
      events.push(event);
      if (event.type === 'error') {
        return { kind: 'failed', failure: failureOfText('before-content', event.error.message), attempt };
      }
      if (isContent(event) || event.type === 'finish') {
        attempt.watchdog.content();
        // The rest of what was heard belongs to the relay, errors included: content came first.
        const rest = heard.slice(heard.indexOf(event) + 1);
        return { kind: 'stream', attempt, reader, decoder, chunks, events: [...events, ...rest], reply };
      }
    }
    if (done) return { kind: 'failed', failure: malformed('the stream was empty'), attempt };
  }
};

const openWhole = async (
  context: AttemptContext,
  connection: Connection,
  reply: FetchReply,
): Promise<AttemptResult> => {
  const { attempt } = connection;
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const answer = wholeAnswer(bytes, context.resolved, attempt.request);
  if ('failure' in answer) return { kind: 'failed', failure: answer.failure, attempt };
  return { kind: 'whole', attempt, reply, ...answer };
};

/** Loads a model where the caller's dialect has a word for that and the host's has none. */
const loadOnly = async (context: AttemptContext, { attempt, signal }: Connection): Promise<AttemptResult> => {
  const { lease, ports } = context;
  const loaded: OpenWhole = { kind: 'whole', attempt, reply: undefined, ...residencyAnswer('load') };
  const call = lease.host.backend.residency?.('load', lease.upstream);
  if (call === undefined) return loaded;
  const body = encodeUtf8(JSON.stringify(call.body));
  const reply = await ports.fetch(call.url, { method: 'POST', headers: call.headers, body, signal });
  if (isOk(reply.status)) return loaded;
  return { kind: 'failed', failure: failureOfText('status', await errorText(reply), reply.status), attempt };
};

const exchange = async (context: AttemptContext, connection: Connection): Promise<AttemptResult> => {
  if (context.resolved.peek.residency !== undefined && connection.attempt.request.mode === 'translate') {
    return loadOnly(context, connection);
  }
  const { request, watchdog } = connection.attempt;
  const { url, headers, body } = request;
  const reply = await context.ports.fetch(url, { method: 'POST', headers, body, signal: connection.signal });
  watchdog.headers();
  connection.answered = true;
  if (!isOk(reply.status)) {
    const failure = failureOfText('status', await errorText(reply), reply.status);
    return { kind: 'failed', failure, attempt: connection.attempt };
  }
  if (!wantsStream(context.resolved)) return await openWhole(context, connection, reply);
  if (reply.body === null)
    return { kind: 'failed', failure: malformed('the stream was empty'), attempt: connection.attempt };
  return await openStream(connection, reply, reply.body);
};

/** Calls one host; resolves when content came, a whole answer is there, or the attempt failed. Throws only what no host can mend. */
export const openAttempt = async (context: AttemptContext): Promise<AttemptResult> => {
  const request = upstreamRequest(context.resolved, context.lease.host, context.lease.upstream);
  const connection = connect(context, request);
  const { attempt } = connection;
  let result: AttemptResult;
  try {
    result = await exchange(context, connection);
  } catch (error) {
    result = {
      kind: 'failed',
      failure: failureOfError(error, connection.answered ? 'before-content' : 'before-headers'),
      attempt,
    };
  }
  const cutBy = attempt.cutBy();
  if (cutBy !== undefined) return { kind: 'failed', failure: failureOfCut(cutBy), attempt };
  if (result.kind === 'failed') {
    attempt.cut('lost');
    return { ...result, failure: withoutOwnSecrets(result.failure, context.lease.host.backend.options) };
  }
  if (result.kind === 'whole') attempt.watchdog.stop();
  return result;
};
