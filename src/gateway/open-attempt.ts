/** Calls one host and reads up to its first content: until then nothing of it is shown to the client. Shell. */

import { upstreamMessage } from '../backends/upstream-message.ts';
import type { OutcomeClass } from '../core/outcome.ts';
import { retryAfterIn } from '../core/rate-limits.ts';
import type { Decoder } from '../protocols/protocol.ts';
import { type ChatEvent, isContent } from '../spec/chat-event.ts';
import type { FetchReply } from '../spec/ports.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type Attempt, type AttemptContext, initOf, startAttempt } from './attempt.ts';
import {
  type Failure,
  failureOfCut,
  failureOfError,
  failureOfText,
  malformed,
  stillLoading,
} from './failure.ts';
import { hasKeyFor, headersWithKey, noteKeyAnswer, noteKeyFailure, takeKey } from './host-keys.ts';
import type { Lease } from './lease.ts';
import { withoutOwnSecrets } from './own-secrets.ts';
import { loadCallFor, takesLoads } from './residency-call.ts';
import { type Resolved, wantsStream } from './stages.ts';
import { type Cut, sawContent, sawHeaders, stopWatch } from './watchdog.ts';
import { residencyAnswer, type WholeAnswer, wholeAnswer } from './whole-answer.ts';

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

export interface OpenWhole {
  readonly kind: 'whole';
  readonly attempt: Attempt;
  readonly answer: WholeAnswer;
  /** Absent where no host had to be asked. */
  readonly reply: FetchReply | undefined;
}

export type Opened = OpenStream | OpenWhole;

export type AttemptResult = Opened | { readonly kind: 'failed'; readonly failure: Failure };

/** A body that says why a host refused is small; what is beyond this is not read. */
const maxErrorBytes = 64 * 1024;

const isOk = (status: number): boolean => status >= 200 && status < 300;

const failed = (failure: Failure): AttemptResult => ({ kind: 'failed', failure });

const refusal = async (reply: FetchReply, { clock }: Attempt): Promise<Failure> => {
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const text = upstreamMessage(bytes.length > maxErrorBytes ? bytes.subarray(0, maxErrorBytes) : bytes);
  const failure = failureOfText('status', text, reply.status);
  const retryAfterMs = retryAfterIn(reply.headers, clock.wallMs());
  return retryAfterMs === undefined ? failure : { ...failure, retryAfterMs };
};

/** Sends the request with one key after another, until the host takes one or none is left. */
const send = async (context: AttemptContext, attempt: Attempt): Promise<FetchReply | Failure> => {
  const { lease, ports, report } = context;
  const { keys } = lease.host;
  const { upstream } = lease;
  const { url, headers, body } = attempt.request;
  const told = { clock: ports.clock, report };
  for (let left = keys?.backends.length ?? 1; ; left -= 1) {
    const key = keys && takeKey(keys, upstream, ports.clock.now());
    const own = keys === undefined || key === undefined ? headers : headersWithKey(headers, keys, key);
    const reply = await ports.fetch(url, initOf(attempt, own, body));
    sawHeaders(attempt);
    attempt.answered = true;
    if (isOk(reply.status)) {
      if (keys !== undefined && key !== undefined)
        noteKeyAnswer(keys, key, { upstream, headers: reply.headers }, told);
      return reply;
    }
    const failure = await refusal(reply, attempt);
    const isKeys =
      keys !== undefined && key !== undefined && noteKeyFailure(keys, key, { upstream, failure }, told);
    const mayGoOn = left > 1 && attempt.cutBy === undefined;
    if (!isKeys || !mayGoOn || !hasKeyFor(keys, upstream, ports.clock.now())) return failure;
    attempt.answered = false;
    attempt.phase = 'headers';
  }
};

const openStream = async (attempt: Attempt, reply: FetchReply): Promise<AttemptResult> => {
  if (reply.body === null) return failed(malformed('the stream was empty'));
  const reader = reply.body.getReader();
  attempt.reader = reader;
  const decoder = attempt.request.wire.decoder(attempt.request.operation);
  const chunks: Uint8Array[] = [];
  const events: ChatEvent[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    const heard = done ? decoder.end() : decoder.push(value);
    if (!done) chunks.push(value);
    for (const event of heard) {
      events.push(event);
      if (event.type === 'error') return failed(failureOfText('before-content', event.error.message));
      if (isContent(event) || event.type === 'finish') {
        sawContent(attempt);
        // The rest of what was heard belongs to the relay, errors included: content came first.
        const rest = heard.slice(heard.indexOf(event) + 1);
        return { kind: 'stream', attempt, reader, decoder, chunks, events: [...events, ...rest], reply };
      }
    }
    if (done) return failed(malformed('the stream was empty'));
  }
};

const openWhole = (
  attempt: Attempt,
  reply: FetchReply,
  body: Uint8Array,
  resolved: Resolved,
): AttemptResult => {
  const answer = wholeAnswer(body, resolved, attempt.request);
  if ('failure' in answer) return failed(answer.failure);
  return { kind: 'whole', attempt, reply, answer };
};

/** Loads a model where the caller's dialect has a word for that and the host's has none. */
const loadOnly = async ({ lease, ports }: AttemptContext, attempt: Attempt): Promise<AttemptResult> => {
  const loaded: OpenWhole = { kind: 'whole', attempt, reply: undefined, answer: residencyAnswer('load') };
  const call = lease.host.backend.residency?.('load', lease.upstream);
  if (call === undefined) return loaded;
  const body = encodeUtf8(JSON.stringify(call.body));
  const reply = await ports.fetch(call.url, initOf(attempt, call.headers, body));
  return isOk(reply.status) ? loaded : failed(await refusal(reply, attempt));
};

const failureOf = ({ lease }: Attempt, cut: Cut): Failure => {
  const { state } = lease.candidate.residency;
  const isLoading = state === 'cold' || state === 'loading';
  return cut === 'first-content' && isLoading ? stillLoading : failureOfCut(cut);
};

const ended = (attempt: Attempt, result: AttemptResult): AttemptResult => {
  if (attempt.cutBy !== undefined) return failed(failureOf(attempt, attempt.cutBy));
  if (result.kind === 'failed') {
    attempt.cut('lost');
    return failed(withoutOwnSecrets(result.failure, attempt.lease.host.backend.options));
  }
  if (result.kind === 'whole') stopWatch(attempt);
  return result;
};

const needsLoad = ({ host, candidate }: Lease): boolean => {
  const { state } = candidate.residency;
  return (state === 'cold' || state === 'loading') && takesLoads(host);
};

/** What a load can fail of; whatever else it is refused for, the request itself is told of better. */
const failuresOfLoads: ReadonlySet<OutcomeClass> = new Set([
  'vram',
  'overload',
  'loading',
  'driver',
  'crash',
  'timeout',
  'network',
]);

/** Has the model in memory before the request is sent, by a load that does not end with this request's caller. */
const loadFirst = async (
  { resolved, lease, loads, ports }: AttemptContext,
  attempt: Attempt,
): Promise<Failure | undefined> => {
  const { host, pair } = lease;
  const call = loadCallFor(resolved, lease);
  if (call === undefined) return undefined;
  const ticket = loads.want({ host, pair, call, manner: 'soon' });
  attempt.onAbort = ticket.leave;
  const result = await ticket.done;
  attempt.onAbort = undefined;
  if (result.end === 'ready') lease.readyAt = ports.clock.now();
  return result.end === 'failed' && failuresOfLoads.has(result.failure.class) ? result.failure : undefined;
};

/** Resolves when content came, a whole answer is there, or the attempt failed. Throws only what no host can mend. */
export const openAttempt = async (context: AttemptContext): Promise<AttemptResult> => {
  const { resolved } = context;
  const attempt = startAttempt(context);
  const { mode } = attempt.request;
  // Gone before anything was sent.
  if (attempt.cutBy !== undefined) return failed(failureOfCut(attempt.cutBy));
  if (needsLoad(context.lease)) {
    const failure = await loadFirst(context, attempt);
    if (attempt.cutBy !== undefined) return failed(failureOf(attempt, attempt.cutBy));
    if (failure !== undefined) return ended(attempt, failed(failure));
  }
  try {
    if (resolved.peek.residency !== undefined && mode === 'translate') {
      return ended(attempt, await loadOnly(context, attempt));
    }
    const reply = await send(context, attempt);
    if ('consequence' in reply) return ended(attempt, failed(reply));
    if (wantsStream(resolved)) return ended(attempt, await openStream(attempt, reply));
    const whole = reply.wholeBytes ?? new Uint8Array(await reply.arrayBuffer());
    return ended(attempt, openWhole(attempt, reply, whole, resolved));
  } catch (error) {
    const phase = attempt.answered ? 'before-content' : 'before-headers';
    return ended(attempt, failed(failureOfError(error, phase)));
  }
};
