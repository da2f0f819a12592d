/** One simulated caller: sends a request to a fetch handler and tells what came back, when, and how it ended. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { createAnswerReader, type Dialect, type ReadAnswer, readWhole } from './answer-reader.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Call {
  /** Names the request in headers and records. */
  readonly id: string;
  readonly dialect: Dialect;
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly headers: Readonly<Record<string, string>>;
  /** Gives up after this long. */
  readonly leavesAfterMs: Millis | undefined;
}

/** `cut`: the stream ended without its end or with an error; `left`: the caller did. */
export type CallEnd = 'done' | 'refused' | 'cut' | 'left';

export interface CallResult extends ReadAnswer {
  readonly end: CallEnd;
  /** 0 when the caller left before headers. */
  readonly status: number;
  readonly sentAt: Millis;
  readonly firstContentAt: Millis | undefined;
  readonly endedAt: Millis;
  readonly backend: string | undefined;
  readonly attempts: number;
  readonly queueMs: Millis;
}

export type Handler = (request: Request) => Response | Promise<Response>;

const paths: Readonly<Record<Dialect, string>> = {
  ollama: '/api/chat',
  'openai-chat': '/v1/chat/completions',
};

const requestOf = (call: Call, signal: AbortSignal): Request =>
  new Request(`http://localhost${paths[call.dialect]}`, {
    method: 'POST',
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      'x-request-id': call.id,
      ...call.headers,
    },
    body: JSON.stringify({ model: call.model, stream: call.stream, messages: call.messages }),
    signal,
  });

/** An oracle hands on what the host said, in the host's own dialect. */
const dialectOf = (response: Response | undefined): Dialect | undefined => {
  const type = response?.headers.get('content-type') ?? '';
  if (type.startsWith('application/x-ndjson')) return 'ollama';
  return type.startsWith('text/event-stream') ? 'openai-chat' : undefined;
};

const nothingRead: ReadAnswer = { text: '', deltas: 0, complete: false, error: undefined };

export interface CallPorts {
  readonly handler: Handler;
  readonly clock: Clock;
  readonly heard: (what: 'content' | 'left') => void;
}

/** Sends one request and reads its answer to the end; never rejects. */
export const makeCall = async (call: Call, { handler, clock, heard }: CallPorts): Promise<CallResult> => {
  const controller = new AbortController();
  const sentAt = clock.now();
  let reader = createAnswerReader(call.dialect);
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let left = false;
  let response: Response | undefined;
  let firstContentAt: Millis | undefined;
  let whole: ReadAnswer | undefined;
  const cancel =
    call.leavesAfterMs === undefined
      ? () => undefined
      : clock.after(call.leavesAfterMs, () => {
          left = true;
          heard('left');
          body?.cancel().catch(() => undefined);
          controller.abort();
        });

  const readStream = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    reader = createAnswerReader(dialectOf(response) ?? call.dialect);
    body = stream.getReader();
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      if (reader.push(value) === 'nothing' || firstContentAt !== undefined) continue;
      firstContentAt = clock.now();
      heard('content');
    }
  };

  try {
    response = await handler(requestOf(call, controller.signal));
    if (response.status === 200 && call.stream && response.body !== null) await readStream(response.body);
    else {
      const bytes = new Uint8Array(await response.arrayBuffer());
      whole = readWhole(response.status, bytes);
      if (whole.complete) firstContentAt ??= clock.now();
    }
  } catch {
    // A caller who left, or a connection that broke: what was read so far tells which.
  }
  cancel();
  const answer = whole ?? (response === undefined ? nothingRead : reader.end());
  const status = response?.status ?? 0;
  const failed: CallEnd = status === 200 ? 'cut' : 'refused';
  return {
    ...answer,
    end: answer.complete ? 'done' : left ? 'left' : failed,
    status,
    sentAt,
    firstContentAt,
    endedAt: clock.now(),
    backend: response?.headers.get('x-pointsman-backend') ?? undefined,
    attempts: Number(response?.headers.get('x-pointsman-attempts') ?? 0),
    queueMs: Number(response?.headers.get('x-pointsman-queue-ms') ?? 0),
  };
};
