/** OpenAI's answers: chunks over SSE with the role first and usage last, or one object. */

import type { Json, JsonObject } from '../spec/json.ts';
import type { RunReport } from './engine-run.ts';
import type { Exchange } from './exchange.ts';
import { type AnswerWriter, generate, textOf } from './generation.ts';
import type { HostCore } from './host-core.ts';
import { keepAwake } from './keep-awake.ts';
import { logprobOf } from './logprobs.ts';
import type { OpenAiFlavour } from './openai-flavour.ts';
import type { OpenAiAsk } from './openai-request.ts';
import type { Call, Piece } from './piece.ts';

const wholeType = 'application/json; charset=utf-8';

const usageOf = (report: RunReport, thinkingTokens: number): JsonObject => ({
  prompt_tokens: report.promptTokens,
  completion_tokens: report.decodedTokens,
  total_tokens: report.promptTokens + report.decodedTokens,
  prompt_tokens_details: { cached_tokens: report.cachedTokens },
  ...(thinkingTokens > 0 ? { completion_tokens_details: { reasoning_tokens: thinkingTokens } } : {}),
});

const perSecond = (tokens: number, durationMs: number): number =>
  durationMs > 0 ? (tokens / durationMs) * 1000 : 0;

/** llama.cpp's `timings`, in milliseconds. */
const timingsOf = (report: RunReport): JsonObject => {
  const readTokens = report.promptTokens - report.cachedTokens;
  return {
    cache_n: report.cachedTokens,
    prompt_n: readTokens,
    prompt_ms: report.prefillMs,
    prompt_per_second: perSecond(readTokens, report.prefillMs),
    predicted_n: report.decodedTokens,
    predicted_ms: report.decodeMs,
    predicted_per_second: perSecond(report.decodedTokens, report.decodeMs),
  };
};

const reasonOf = (ask: OpenAiAsk): string => {
  const { reason } = ask.generation.answer;
  return reason === 'tool-calls' ? 'tool_calls' : reason;
};

const objectNames = {
  chat: { stream: 'chat.completion.chunk', whole: 'chat.completion', id: 'chatcmpl' },
  complete: { stream: 'text_completion', whole: 'text_completion', id: 'cmpl' },
};

/** The fields that all chunks of an answer share, as the beginning of a JSON object. */
const headOf = (core: HostCore, ask: OpenAiAsk, form: 'stream' | 'whole'): JsonObject => {
  const names = objectNames[ask.operation];
  return {
    id: `${names.id}-${core.nextId().toString(36)}`,
    object: names[form],
    created: Math.floor(core.clock.wallMs() / 1000),
    model: ask.name,
    system_fingerprint: core.settings.version,
  };
};

const callStart = (call: Call, index: number): JsonObject => ({
  tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
});

const streamWriter = (
  core: HostCore,
  exchange: Exchange,
  flavour: OpenAiFlavour,
  ask: OpenAiAsk,
): AnswerWriter => {
  const { reply } = exchange;
  const { answer } = ask.generation;
  const head = JSON.stringify(headOf(core, ask, 'stream')).slice(0, -1);
  const awake = keepAwake(core, exchange, flavour.pingMs, ':\n\n');
  let startedCalls = 0;

  const probabilityOf = (delta: JsonObject): string =>
    ask.logprobs === undefined || typeof delta.content !== 'string'
      ? ''
      : `,"logprobs":${JSON.stringify({ content: [logprobOf(delta.content, ask.logprobs)] })}`;

  const chunk = (delta: JsonObject, reason: string | null, tokens: number, extra = ''): void => {
    awake.spoke();
    const body =
      ask.operation === 'chat'
        ? `"delta":${JSON.stringify(delta)}`
        : `"text":${JSON.stringify(delta.content ?? '')}`;
    const probability = tokens > 0 ? probabilityOf(delta) : '';
    const choice = `{"index":0,${body}${probability},"finish_reason":${JSON.stringify(reason)}}`;
    reply.write(`data: ${head},"choices":[${choice}]${extra}}\n\n`, tokens);
  };

  const deltaOf = (piece: Piece): JsonObject => {
    if (piece.kind === 'thinking') return { [flavour.reasoningField]: piece.text };
    if (piece.kind === 'content') return { content: piece.text };
    return { tool_calls: [{ index: piece.call ?? 0, function: { arguments: piece.text } }] };
  };

  const begin = (): void => {
    if (reply.opened()) return;
    reply.open('text/event-stream');
    if (ask.operation === 'chat') chunk({ role: 'assistant', content: flavour.roleContent }, null, 0);
  };

  return {
    piece(piece) {
      begin();
      const call = piece.call === startedCalls ? answer.calls[startedCalls] : undefined;
      if (call !== undefined) chunk(callStart(call, startedCalls++), null, 0);
      chunk(deltaOf(piece), null, 1);
    },
    done(report) {
      begin();
      awake.stop();
      const thinkingTokens = answer.pieces.filter((piece) => piece.kind === 'thinking').length;
      const timings = flavour.timings ? `,"timings":${JSON.stringify(timingsOf(report))}` : '';
      chunk({}, reasonOf(ask), 0, timings);
      if (ask.includeUsage) {
        const usage = JSON.stringify(usageOf(report, thinkingTokens));
        reply.write(`data: ${head},"choices":[],"usage":${usage}${timings}}\n\n`, 0);
      }
      reply.write('data: [DONE]\n\n', 0);
      reply.end();
    },
  };
};

const messageOf = (flavour: OpenAiFlavour, ask: OpenAiAsk): JsonObject => {
  const { pieces, calls } = ask.generation.answer;
  const thinking = textOf(pieces, 'thinking');
  const content = textOf(pieces, 'content');
  return {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    ...(thinking === '' ? {} : { [flavour.reasoningField]: thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(wholeCall) }),
  };
};

const wholeCall = (call: Call): Json => ({
  id: call.id,
  type: 'function',
  function: { name: call.name, arguments: call.arguments },
});

const wholeWriter = (
  core: HostCore,
  exchange: Exchange,
  flavour: OpenAiFlavour,
  ask: OpenAiAsk,
): AnswerWriter => ({
  piece: () => undefined,
  done(report) {
    const { pieces } = ask.generation.answer;
    const top = ask.logprobs;
    const content = pieces.filter((piece) => piece.kind === 'content');
    const body =
      ask.operation === 'chat' ? { message: messageOf(flavour, ask) } : { text: textOf(pieces, 'content') };
    const choice = {
      index: 0,
      ...body,
      logprobs: top === undefined ? null : { content: content.map((piece) => logprobOf(piece.text, top)) },
      finish_reason: reasonOf(ask),
    };
    const thinkingTokens = pieces.filter((piece) => piece.kind === 'thinking').length;
    const object = {
      ...headOf(core, ask, 'whole'),
      choices: [choice],
      usage: usageOf(report, thinkingTokens),
      ...(flavour.timings ? { timings: timingsOf(report) } : {}),
    };
    exchange.reply.whole(200, wholeType, JSON.stringify(object));
  },
});

/** Runs a chat or completion and writes it as it asked. */
export const answerOpenAi = (
  core: HostCore,
  exchange: Exchange,
  flavour: OpenAiFlavour,
  ask: OpenAiAsk,
): void => {
  const writer = ask.stream ? streamWriter : wholeWriter;
  generate(core, exchange, ask.generation, writer(core, exchange, flavour, ask));
};
