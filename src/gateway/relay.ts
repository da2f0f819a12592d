/**
 * Carries a stream from host to client: the same bytes with a listener, or events decoded and encoded anew.
 * It never ends cleanly what did not end cleanly, and it settles once. Shell.
 */

import type { Encoder } from '../protocols/protocol.ts';
import type { ChatEvent } from '../spec/chat-event.ts';
import type { ChunkRead } from '../spec/ports.ts';
import type { Usage } from '../spec/usage.ts';
import { joinBytes } from '../wire/join-bytes.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { whenCut } from './attempt.ts';
import { type Failure, failureOfCut, failureOfError, failureOfText, malformed } from './failure.ts';
import { brokenStream } from './final-error.ts';
import type { OpenStream } from './open-attempt.ts';
import { withoutOwnSecrets } from './own-secrets.ts';
import type { Resolved } from './stages.ts';
import { beginRead, endRead, sawFinish, stopWatch } from './watchdog.ts';

export type RelayEnd =
  | { readonly outcome: 'done' | 'canceled'; readonly usage: Usage | undefined; readonly pieces: number }
  | {
      readonly outcome: 'broken';
      readonly failure: Failure;
      readonly usage: Usage | undefined;
      readonly pieces: number;
    };

/** Where the client's bytes go: the controller of its stream. */
export type Sink = Pick<ReadableStreamDefaultController<Uint8Array>, 'enqueue' | 'close'>;

/** A pull machine over client bytes. */
export interface Relay {
  /** Gives the next bytes, or closes at the end, after which it settled: one turn of the loop for each piece. */
  fill(sink: Sink): Promise<void>;
  /** The client left. */
  cancel(): void;
}

export interface RelayOptions {
  readonly opened: OpenStream;
  readonly resolved: Resolved;
  /** Absent when the same bytes pass. */
  readonly encoder: Encoder | undefined;
  /** Facts that came too late for headers. */
  readonly lateFacts: Readonly<Record<string, string>> | undefined;
  readonly settle: (end: RelayEnd) => void;
}

const nothing = new Uint8Array(0);
const newline = 0x0a;

/** The part of a chunk before the line its error stands on: what came before was true and is kept. */
const beforeError = (chunk: Uint8Array): Uint8Array => {
  const text = new TextDecoder('latin1').decode(chunk);
  const at = text.lastIndexOf('"error"');
  if (at < 0) return nothing;
  const line = text.lastIndexOf('\n', at);
  const event = text.slice(0, line + 1).replace(/event: ?error\r?\n$/, '');
  return chunk.subarray(0, event.length);
};

/** Carries one opened stream; `next` is called only when the client wants more, which is the back-pressure. */
export const createRelay = ({ opened, resolved, encoder, lateFacts, settle }: RelayOptions): Relay => {
  const { attempt, reader, decoder } = opened;
  const { protocol, requestId } = resolved.received;
  let usage: Usage | undefined;
  /** Pieces of content, where an engine counts no tokens. */
  let pieces = 0;
  let finished = false;
  let blind = false;
  let settled = false;
  let lastByte = newline;
  /** Bytes ready before the upstream is read again. */
  let ready: Uint8Array[] = [];
  /** An error heard behind content that is still to be shown. */
  let broken: Failure | undefined;

  const end = (result: RelayEnd): void => {
    if (settled) return;
    settled = true;
    stopWatch(attempt);
    settle(result);
  };

  const note = (event: ChatEvent): void => {
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') pieces += 1;
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'finish') finished = true;
    else if (event.type === 'error') broken ??= failureOfText('mid-stream', event.error.message);
  };

  const encodeAll = (events: readonly ChatEvent[], out: Encoder): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (const event of events) {
      note(event);
      if (broken !== undefined) break;
      const bytes = out.push(event);
      if (bytes.length > 0) parts.push(bytes);
    }
    return parts.length === 0 ? nothing : joinBytes(parts);
  };

  /** What the side decoder makes of a chunk that passes; one that fails goes blind, the bytes go on. */
  const overhear = (chunk: Uint8Array): void => {
    if (blind) return;
    try {
      for (const event of decoder.push(chunk)) note(event);
    } catch {
      blind = true;
    }
  };

  /** What of the chunk that was heard last may pass: nothing of the host's own words about what went wrong. */
  const showable = (chunk: Uint8Array): Uint8Array => {
    const stray = decoder.stray?.() ?? 0;
    if (stray > 0) return chunk.subarray(0, chunk.length - stray);
    return broken === undefined ? chunk : beforeError(chunk);
  };

  const forward = (given: Uint8Array): Uint8Array => {
    if (encoder !== undefined) return encodeAll(decoder.push(given), encoder);
    overhear(given);
    const chunk = showable(given);
    if (broken !== undefined) return chunk;
    return finished && lateFacts !== undefined && protocol.framing === 'ndjson'
      ? protocol.annotate(chunk, lateFacts)
      : chunk;
  };

  const fail = (failure: Failure): Uint8Array => {
    attempt.cut('lost');
    end({ outcome: 'broken', failure, usage, pieces });
    const told = brokenStream(withoutOwnSecrets(failure, attempt.lease.host.backend.options));
    const error = encoder?.fail?.(told) ?? protocol.error.inStream(told, requestId);
    // A half-sent line or event is closed first, so that the error is not swallowed as its tail.
    return lastByte === newline
      ? error
      : joinBytes([encodeUtf8(protocol.framing === 'sse' ? '\n\n' : '\n'), error]);
  };

  const complete = (): Uint8Array => {
    end({ outcome: 'done', usage, pieces });
    const tail = encoder?.end() ?? nothing;
    if (lateFacts === undefined) return tail;
    if (protocol.framing === 'ndjson') return tail.length > 0 ? protocol.annotate(tail, lateFacts) : tail;
    return protocol.annotate(tail, lateFacts);
  };

  const closed = (): Uint8Array => {
    if (!blind) {
      const rest = decoder.end();
      const bytes = encoder === undefined ? nothing : encodeAll(rest, encoder);
      if (encoder === undefined) rest.forEach(note);
      if (broken === undefined && bytes.length > 0) ready.push(bytes);
    }
    if (broken !== undefined) return fail(broken);
    return finished || blind
      ? complete()
      : fail(malformed('the stream ended before the answer did', 'mid-stream'));
  };

  const lost = (error: unknown): Uint8Array | undefined => {
    const why = attempt.cutBy;
    if (why === 'left') {
      end({ outcome: 'canceled', usage, pieces });
      return undefined;
    }
    // After its last event an answer is whole, however the connection ends; the decoder knows if one was the last.
    if (why === 'lingering' || (finished && why === undefined)) return closed();
    return fail(why === undefined ? failureOfError(error, 'mid-stream') : failureOfCut(why));
  };

  /** What a read brought for the client; undefined only when nobody is left to read for. */
  const taken = ({ done, value }: ChunkRead): Uint8Array | undefined => {
    endRead(attempt);
    if (attempt.cutBy !== undefined) return lost(undefined);
    if (done) return closed();
    try {
      const bytes = forward(value);
      if (finished) sawFinish(attempt);
      return bytes;
    } catch (error) {
      return fail(failureOfError(error, 'mid-stream'));
    }
  };

  const begin = (): void => {
    if (encoder !== undefined) ready.push(encodeAll(opened.events, encoder));
    else {
      opened.events.forEach(note);
      ready = [...opened.chunks];
      const last = ready.length - 1;
      const tail = ready[last];
      if (tail === undefined) return;
      ready[last] = showable(tail);
      if (broken === undefined && finished && lateFacts !== undefined && protocol.framing === 'ndjson') {
        ready[last] = protocol.annotate(tail, lateFacts);
      }
    }
    if (finished) sawFinish(attempt);
  };
  begin();
  // A client that left reads no more, so nobody else would settle.
  whenCut(attempt, (why) => {
    if (why === 'left') end({ outcome: finished ? 'done' : 'canceled', usage, pieces });
  });

  /** What can be said without a read; undefined where there is nothing of that kind. */
  const atHand = (): Uint8Array | 'over' | undefined => {
    const bytes = ready.shift();
    if (bytes !== undefined) return bytes;
    if (settled) return 'over';
    return broken === undefined ? undefined : fail(broken);
  };

  return {
    fill: async (sink) => {
      for (;;) {
        const bytes = atHand();
        if (bytes === 'over') return sink.close();
        if (bytes !== undefined && bytes.length > 0) {
          lastByte = bytes[bytes.length - 1] ?? newline;
          return sink.enqueue(bytes);
        }
        if (bytes !== undefined) continue;
        beginRead(attempt);
        let read: ChunkRead | undefined;
        let reason: unknown;
        try {
          read = await reader.read();
        } catch (error) {
          reason = error;
        }
        const brought = read === undefined ? lost(reason) : taken(read);
        if (brought !== undefined) ready.push(brought);
      }
    },
    cancel: () => attempt.cut('left'),
  };
};
