/** Events to Ollama's NDJSON answers. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { Usage } from '../../spec/usage.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Encoder, Stamp } from '../protocol.ts';
import { argumentsObject, passOverCut, refuseUnreadableCall } from '../written-call.ts';
import { writeDoneReason } from './schema.ts';

const nothing = new Uint8Array(0);
const nanosecondsPerMillisecond = 1e6;

interface OpenCall {
  readonly id: string | undefined;
  readonly name: string;
  arguments: string;
}

/** Writes one line per delta; tool calls are held until they are whole, because no client reads fragments here. */
export const encoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  const calls = new Map<number, OpenCall>();
  const head = `{"model":${JSON.stringify(request.model)},"created_at":"`;
  const write = request.prompt === undefined ? chatLine : generateLine;
  let usage: Usage | undefined;
  let reason: FinishReason = 'stop';
  let firstContentMs: number | undefined;

  const line = (fields: string, tail: string): Uint8Array => {
    firstContentMs ??= stamp.elapsedMs();
    return encodeUtf8(`${head}${stamp.now()}",${fields},"done":false${tail}}\n`);
  };

  const append = (index: number, fragment: string): void => {
    const call = calls.get(index);
    if (call !== undefined) call.arguments += fragment;
  };

  /** Those of `indices` that are open, on one line; one that is no whole call waits for what ended the answer. */
  const writeCalls = (indices: readonly number[], ended?: FinishReason): Uint8Array => {
    const whole: string[] = [];
    for (const index of indices) {
      const call = calls.get(index);
      if (call === undefined) continue;
      const given = argumentsObject(call.arguments);
      if (given !== undefined) whole.push(toolCallJson(call, index, given));
      else if (ended === undefined) continue;
      else passOverCut(ended);
      calls.delete(index);
    }
    return whole.length === 0 ? nothing : line(write.toolCalls(whole.join(',')), '');
  };

  const push = (event: ChatEvent): Uint8Array => {
    switch (event.type) {
      case 'text-delta':
        if ((event.text === '' && event.logprobs === undefined) || (event.choice ?? 0) !== 0) return nothing;
        return line(
          write.text(JSON.stringify(event.text)),
          event.logprobs === undefined ? '' : `,"logprobs":${JSON.stringify(event.logprobs)}`,
        );
      case 'reasoning-delta':
        if (event.text === '' || (event.choice ?? 0) !== 0) return nothing;
        return line(write.thinking(JSON.stringify(event.text)), '');
      case 'image':
        if ((event.choice ?? 0) !== 0) return nothing;
        return line(write.image(JSON.stringify(event.data)), '');
      case 'tool-call-start':
        calls.set(event.index, { id: event.id, name: event.name, arguments: '' });
        return nothing;
      case 'tool-call-delta':
        append(event.index, event.arguments);
        return nothing;
      case 'tool-call-end':
        return writeCalls([event.index]);
      case 'finish':
        if ((event.choice ?? 0) !== 0) return nothing;
        reason = event.reason;
        refuseUnreadableCall(reason);
        return writeCalls([...calls.keys()], reason);
      case 'usage':
        usage = event.usage;
        return nothing;
      default:
        return nothing;
    }
  };

  const end = (): Uint8Array => {
    const elapsedMs = stamp.elapsedMs();
    const metrics = metricsOf(usage, elapsedMs, firstContentMs);
    return encodeUtf8(
      `${head}${stamp.now()}",${write.text('""')},"done":true,"done_reason":"${writeDoneReason(reason)}"${metricsJson(metrics)}}\n`,
    );
  };

  return { push, end };
};

const chatLine = {
  text: (json: string) => `"message":{"role":"assistant","content":${json}}`,
  thinking: (json: string) => `"message":{"role":"assistant","content":"","thinking":${json}}`,
  toolCalls: (json: string) => `"message":{"role":"assistant","content":"","tool_calls":[${json}]}`,
  image: (json: string) => `"message":{"role":"assistant","content":"","images":[${json}]}`,
};

const generateLine = {
  text: (json: string) => `"response":${json}`,
  thinking: (json: string) => `"response":"","thinking":${json}`,
  toolCalls: (json: string) => `"response":"","tool_calls":[${json}]`,
  image: (json: string) => `"response":"","images":[${json}]`,
};

/** The engine's own text goes on the line as it is, so that no number in it loses a digit. */
const toolCallJson = (call: OpenCall, index: number, given: string): string => {
  const id = call.id === undefined ? '' : `"id":${JSON.stringify(call.id)},`;
  const called = `"index":${index},"name":${JSON.stringify(call.name)}`;
  return `{${id}"function":{${called},"arguments":${given}}}`;
};

/** Ollama's six closing numbers; durations are whole nanoseconds. */
export interface Metrics {
  readonly total_duration: number | undefined;
  readonly load_duration: number | undefined;
  readonly prompt_eval_count: number | undefined;
  readonly prompt_eval_duration: number | undefined;
  readonly eval_count: number | undefined;
  readonly eval_duration: number | undefined;
}

/**
 * The engine's own timings where it gave any, else what was seen from here: until the first content counts
 * as prefill, the rest as decode; neither is known of an answer that came in one piece.
 * Zero is left out, as Ollama leaves it out.
 */
export const metricsOf = (
  usage: Usage | undefined,
  elapsedMs: number,
  firstContentMs: number | undefined,
): Metrics => {
  const timings = usage?.timings;
  const hasOwn = timings?.prefillMs !== undefined || timings?.decodeMs !== undefined;
  return {
    total_duration: nanoseconds(timings?.totalMs ?? elapsedMs),
    load_duration: nanoseconds(timings?.loadMs),
    prompt_eval_count: usage?.inputTokens || undefined,
    prompt_eval_duration: nanoseconds(hasOwn ? timings?.prefillMs : firstContentMs),
    eval_count: usage?.outputTokens || undefined,
    eval_duration: nanoseconds(
      hasOwn || firstContentMs === undefined ? timings?.decodeMs : elapsedMs - firstContentMs,
    ),
  };
};

const nanoseconds = (durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : Math.round(durationMs * nanosecondsPerMillisecond) || undefined;

/** The members that are known, each with a comma before it. */
const metricsJson = (metrics: Metrics): string => {
  const json = JSON.stringify(metrics);
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
};
