/** Calls one host and reads up to its first content: until then nothing of it is shown to the client. Shell. */

import { replyReader } from '../backends/parts/reply-reader.ts';
import { maySend } from '../core/health.ts';
import type { OutcomeClass } from '../core/outcome.ts';
import type { Decoder } from '../protocols/protocol.ts';
import { type ChatEvent, isContent } from '../spec/chat-event.ts';
import type { ChunkReader, FetchReply } from '../spec/ports.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type Attempt, type AttemptContext, call, startAttempt } from './attempt.ts';
import {
  type Failure,
  failureOfCut,
  failureOfError,
  failureOfText,
  malformed,
  stillLoading,
} from './failure.ts';
import type { Lease } from './lease.ts';
import { withoutOwnSecrets } from './own-secrets.ts';
import { loadCallFor, takesLoads } from './residency-call.ts';
import { isOk, noteReply, refusal, send } from './send.ts';
import { type Resolved, wantsStream } from './stages.ts';
import { type Cut, sawContent, stopWatch } from './watchdog.ts';
import { residencyAnswer, type WholeAnswer, wholeAnswer } from './whole-answer.ts';

export interface OpenStream {
  readonly kind: 'stream';
  readonly attempt: Attempt;
  readonly reader: ChunkReader;
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

/** An attempt that gave nothing. */
export interface FailedAttempt {
  readonly kind: 'failed';
  readonly failure: Failure;
  /** The host became unfit before anything of the request was sent to it, so that nothing was tried. */
  readonly unsent?: true;
}

export type AttemptResult = Opened | FailedAttempt;

const failed = (failure: Failure): FailedAttempt => ({ kind: 'failed', failure });

const openStream = async (attempt: Attempt, reply: FetchReply): Promise<AttemptResult> => {
  const reader = replyReader(reply);
  if (reader === null) return failed(malformed('the stream was empty'));
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
  const load = lease.host.backend.residency?.('load', lease.upstream);
  if (load === undefined) return loaded;
  const body = encodeUtf8(JSON.stringify(load.body));
  const reply = await call(attempt, ports, load.url, load.headers, { body });
  return isOk(reply.status) ? loaded : failed(await refusal(reply, attempt));
};

const failureOf = ({ lease }: Attempt, cut: Cut): Failure => {
  const { state } = lease.candidate.residency;
  const isLoading = state === 'cold' || state === 'loading';
  return cut === 'first-content' && isLoading ? stillLoading : failureOfCut(cut);
};

/** Whether an attempt gave nothing. */
export const isFailed = (result: { readonly kind: string }): result is FailedAttempt =>
  result.kind === 'failed';

/** What came of an attempt, as it is told: a cut from this side explains whatever went wrong. */
export const ended = <Result extends { readonly kind: string }>(
  attempt: Attempt,
  result: Result | FailedAttempt,
): Result | FailedAttempt => {
  if (attempt.cutBy !== undefined) return failed(failureOf(attempt, attempt.cutBy));
  if (isFailed(result)) {
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

/** An engine may have no such path, or not take a request without words; what it says of the model or of us, it means. */
const isMeant = ({ class: kind, consequence }: Failure, { keys }: Lease['host']): boolean => {
  if (failuresOfLoads.has(kind) || consequence.flag === 'absent') return true;
  // Another key may be taken.
  return keys === undefined && (consequence.flag === 'limited' || consequence.flag === 'refused');
};

/** Has the model in memory before the request is sent, by a load that does not end with this request's caller. */
const loadFirst = async (
  { resolved, lease, loads, ports }: AttemptContext,
  attempt: Attempt,
): Promise<Failure | undefined> => {
  const { host, pair } = lease;
  const load = loadCallFor(resolved, lease);
  if (load === undefined) return undefined;
  const ticket = loads.want({ host, pair, call: load, manner: 'soon' });
  attempt.onAbort = ticket.leave;
  const result = await ticket.done;
  attempt.onAbort = undefined;
  if (result.end === 'ready') lease.readyAt = ports.clock.now();
  return result.end === 'failed' && isMeant(result.failure, host) ? result.failure : undefined;
};

/** A host without keys is called as it stands: one promise less for most requests. */
const sent = (context: AttemptContext, attempt: Attempt): Promise<FetchReply | Failure> => {
  const { url, headers } = attempt.request;
  return context.lease.host.keys === undefined
    ? call(attempt, context.ports, url, headers, attempt.request)
    : send(context, attempt);
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
    const { host, pair, ticket } = context.lease;
    if (!maySend(host.health, pair.health, ticket, context.ports.clock.now())) {
      attempt.cut('lost');
      return { kind: 'failed', failure: stillLoading, unsent: true };
    }
  }
  try {
    if (resolved.peek.residency !== undefined && mode === 'translate') {
      return ended(attempt, await loadOnly(context, attempt));
    }
    const reply = await sent(context, attempt);
    if ('consequence' in reply) return ended(attempt, failed(reply));
    noteReply(attempt);
    if (!isOk(reply.status)) return ended(attempt, failed(await refusal(reply, attempt)));
    if (wantsStream(resolved)) return ended(attempt, await openStream(attempt, reply));
    const whole = reply.wholeBytes ?? new Uint8Array(await reply.arrayBuffer());
    return ended(attempt, openWhole(attempt, reply, whole, resolved));
  } catch (error) {
    const phase = attempt.answered ? 'before-content' : 'before-headers';
    return ended(attempt, failed(failureOfError(error, phase)));
  }
};
