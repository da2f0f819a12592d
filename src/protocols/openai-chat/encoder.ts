/** Events to OpenAI's server-sent answers. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { Usage } from '../../spec/usage.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Encoder, Stamp } from '../protocol.ts';
import { refuseUnreadableCall } from '../written-call.ts';
import { writeParallelLogprobs } from './logprobs.ts';
import { writeFinishReason, writeImage, writeUsage } from './schema.ts';

const nothing = new Uint8Array(0);

/** The shape a request is answered in: `/v1/completions` where it has a prompt, else `/v1/chat/completions`. */
export const encoder = (request: ChatRequest, stamp: Stamp): Encoder =>
  request.prompt === undefined ? chatEncoder(request, stamp) : completionEncoder(request, stamp);

/** What every chunk of one answer has in common, as JSON text without its closing brace. */
const headOf = (request: ChatRequest, id: string, object: string, stamp: Stamp): string =>
  `data: {"id":${JSON.stringify(id)},"object":"${object}","created":${stamp.createdUnix},"model":${JSON.stringify(request.model)}`;

/** OpenAI writes `"usage":null` on all chunks but the last when usage was asked for. */
const tailOf = (request: ChatRequest): string => (request.includeUsage ? '],"usage":null}\n\n' : ']}\n\n');

const ending = (request: ChatRequest, head: string, usage: Usage | undefined): Uint8Array => {
  const last =
    request.includeUsage && usage !== undefined
      ? `${head},"choices":[],"usage":${JSON.stringify(writeUsage(usage))}}\n\n`
      : '';
  return encodeUtf8(`${last}data: [DONE]\n\n`);
};

/** An answer's id in OpenAI's form, from the request's own id. */
export const chatId = (stamp: Stamp): string => `chatcmpl-${stamp.id}`;

/** As `chatId`, for completions. */
export const completionId = (stamp: Stamp): string => `cmpl-${stamp.id}`;

/**
 * An id for a tool call whose engine gave none. A part of the answer's id keeps it unique in a conversation,
 * and 40 characters are all that some servers take.
 */
export const toolCallId = (stamp: Stamp, index: number): string =>
  `call_${stamp.id.replaceAll(/[^a-zA-Z0-9]/g, '').slice(-24)}${index}`;

/**
 * Reasoning goes out as `reasoning_content`: llama.cpp, vLLM, LM Studio and Docker Model Runner write it so,
 * and clients that read Ollama's `reasoning` read it too.
 */
const chatEncoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  const head = headOf(request, chatId(stamp), 'chat.completion.chunk', stamp);
  const tail = tailOf(request);
  const introduced: boolean[] = [];
  let usage: Usage | undefined;

  const chunk = (choice: number, delta: string, finish: string, extra: string): string =>
    `${head},"choices":[{"index":${choice},"delta":{${delta}}${extra},"finish_reason":${finish}}${tail}`;

  /** The role goes with the first delta of each choice. */
  const content = (choice: number, delta: string, extra = ''): Uint8Array => {
    if (introduced[choice] === true) return encodeUtf8(chunk(choice, delta, 'null', extra));
    introduced[choice] = true;
    return encodeUtf8(chunk(choice, `"role":"assistant",${delta}`, 'null', extra));
  };

  const finish = (choice: number, reason: FinishReason): Uint8Array => {
    const last = chunk(choice, '', `"${writeFinishReason(reason)}"`, '');
    if (introduced[choice] === true) return encodeUtf8(last);
    introduced[choice] = true;
    return encodeUtf8(chunk(choice, '"role":"assistant","content":""', 'null', '') + last);
  };

  const push = (event: ChatEvent): Uint8Array => {
    switch (event.type) {
      case 'text-delta': {
        if (event.text === '' && event.logprobs === undefined) return nothing;
        const extra =
          event.logprobs === undefined ? '' : `,"logprobs":{"content":${JSON.stringify(event.logprobs)}}`;
        return content(event.choice ?? 0, `"content":${JSON.stringify(event.text)}`, extra);
      }
      case 'reasoning-delta':
        if (event.text === '') return nothing;
        return content(event.choice ?? 0, `"reasoning_content":${JSON.stringify(event.text)}`);
      case 'image':
        return content(event.choice ?? 0, imagesJson(event));
      case 'tool-call-start': {
        const id = JSON.stringify(event.id ?? toolCallId(stamp, event.index));
        const called = `"function":{"name":${JSON.stringify(event.name)},"arguments":""}`;
        const noText = introduced[0] === true ? '' : '"content":null,';
        return content(
          0,
          `${noText}"tool_calls":[{"index":${event.index},"id":${id},"type":"function",${called}}]`,
        );
      }
      case 'tool-call-delta': {
        if (event.arguments === '') return nothing;
        const called = `"function":{"arguments":${JSON.stringify(event.arguments)}}`;
        return content(0, `"tool_calls":[{"index":${event.index},${called}}]`);
      }
      case 'finish':
        refuseUnreadableCall(event.reason);
        return finish(event.choice ?? 0, event.reason);
      case 'usage':
        usage = event.usage;
        return nothing;
      default:
        return nothing;
    }
  };

  return { push, end: () => ending(request, head, usage) };
};

const imagesJson = ({ mediaType, data }: Extract<ChatEvent, { type: 'image' }>): string =>
  `"images":[${JSON.stringify(writeImage(mediaType, data))}]`;

/** Completions have no place for reasoning or tool calls; both are left out. */
const completionEncoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  const head = headOf(request, completionId(stamp), 'text_completion', stamp);
  const tail = tailOf(request);
  let written = 0;
  let usage: Usage | undefined;

  const chunk = (choice: number, text: string, logprobs: string, finish: string): Uint8Array =>
    encodeUtf8(
      `${head},"choices":[{"text":${JSON.stringify(text)},"index":${choice},"logprobs":${logprobs},"finish_reason":${finish}}${tail}`,
    );

  const push = (event: ChatEvent): Uint8Array => {
    switch (event.type) {
      case 'text-delta': {
        if (event.text === '' && event.logprobs === undefined) return nothing;
        const logprobs =
          event.logprobs === undefined
            ? 'null'
            : JSON.stringify(writeParallelLogprobs(event.logprobs, written));
        written += event.text.length;
        return chunk(event.choice ?? 0, event.text, logprobs, 'null');
      }
      case 'finish':
        return chunk(event.choice ?? 0, '', 'null', `"${writeFinishReason(event.reason)}"`);
      case 'usage':
        usage = event.usage;
        return nothing;
      default:
        return nothing;
    }
  };

  return { push, end: () => ending(request, head, usage) };
};
