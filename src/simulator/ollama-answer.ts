/** Ollama's answers: lines of NDJSON, or one object, with durations in nanoseconds on the last. */

import type { Json, JsonObject } from '../spec/json.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { EngineFailure } from './engine-failure.ts';
import type { RunReport } from './engine-run.ts';
import type { Exchange } from './exchange.ts';
import { type AnswerWriter, type Generation, generate, textOf } from './generation.ts';
import type { HostCore } from './host-core.ts';
import type { EngineGeneration } from './host-settings.ts';
import { logprobOf } from './logprobs.ts';
import { stampOf } from './ollama-models.ts';
import type { OllamaAsk } from './ollama-request.ts';
import type { Call, Piece } from './piece.ts';
import { breaksOf } from './strike.ts';

const wholeType = 'application/json; charset=utf-8';

/** Work that took no time on the clock still took some on a real machine; and zero would be left out. */
const nanoseconds = (durationMs: Millis): number => Math.max(1, Math.round(durationMs * 1e6));

/** The older engine counted only what it read anew. */
const promptCount = (report: RunReport, engine: EngineGeneration): number =>
  engine === 'old' && report.cachedTokens >= report.promptTokens - 1 ? 0 : report.promptTokens;

/** Zero counts are left out, as Go's `omitempty` does. */
const metricsOf = (report: RunReport, engine: EngineGeneration): JsonObject => ({
  total_duration: nanoseconds(report.totalMs),
  load_duration: nanoseconds(report.loadMs),
  ...(promptCount(report, engine) > 0 ? { prompt_eval_count: promptCount(report, engine) } : {}),
  prompt_eval_duration: nanoseconds(report.prefillMs),
  ...(report.decodedTokens > 0 ? { eval_count: report.decodedTokens } : {}),
  eval_duration: nanoseconds(report.decodeMs),
});

const toolCallsOf = (calls: readonly Call[]): Json =>
  calls.map((call, index) => ({
    id: call.id,
    function: { index, name: call.name, arguments: call.value },
  }));

interface Part {
  readonly content?: string;
  readonly thinking?: string;
  readonly calls?: readonly Call[];
  readonly logprobs?: readonly JsonObject[];
}

/** One object of an answer: the fields that every line has, then what `last` adds. */
const objectOf = (ask: OllamaAsk, clock: Clock, part: Part, last: JsonObject): JsonObject => {
  const thinking = part.thinking === undefined ? {} : { thinking: part.thinking };
  const calls =
    part.calls === undefined || part.calls.length === 0 ? {} : { tool_calls: toolCallsOf(part.calls) };
  const head = { model: ask.name, created_at: stampOf(clock.wallMs()) };
  const logprobs = part.logprobs === undefined ? {} : { logprobs: part.logprobs };
  const content = part.content ?? '';
  return ask.operation === 'chat'
    ? { ...head, message: { role: 'assistant', content, ...thinking, ...calls }, ...logprobs, ...last }
    : { ...head, response: content, ...thinking, ...logprobs, ...last };
};

const endOf = (core: HostCore, ask: OllamaAsk, generation: Generation, report: RunReport): JsonObject => {
  const context = ask.operation === 'generate' && !ask.raw ? { context: [1, 2, 3, report.promptTokens] } : {};
  const reason = generation.answer.reason === 'length' ? 'length' : 'stop';
  return { done: true, done_reason: reason, ...context, ...metricsOf(report, core.settings.engine) };
};

/** The empty request: brings the model in, or sends it away without waiting for that. */
const answerResidency = async (core: HostCore, exchange: Exchange, ask: OllamaAsk): Promise<void> => {
  const { reply } = exchange;
  const answer = (reason: string): void => {
    const object = objectOf(ask, core.clock, {}, { done: true, done_reason: reason });
    reply.whole(200, wholeType, JSON.stringify(object));
  };
  if (ask.keepAliveMs === 0) {
    core.engine.scheduler.retire(ask.spec.key);
    return answer('unload');
  }
  if (breaksOf(exchange.fault)?.how === 'hang') return;
  try {
    await core.engine.load(ask.spec, ask.keepAliveMs, reply.cancellation);
    answer('load');
  } catch (problem) {
    exchange.fail(problem instanceof EngineFailure ? problem : new EngineFailure('internal'));
  }
};

const streamWriter = (
  core: HostCore,
  exchange: Exchange,
  ask: OllamaAsk,
  generation: Generation,
): AnswerWriter => {
  const { reply } = exchange;
  const { answer, spec } = generation;
  const write = (object: JsonObject, tokens: number): void => {
    reply.open('application/x-ndjson');
    reply.write(`${JSON.stringify(object)}\n`, tokens);
  };
  // Only llama.cpp's own parser keeps the calls for the last line.
  const callsEarly = core.settings.engine === 'old' || spec.model.builtInParser;
  const lines = ask.logprobs;
  return {
    piece(piece: Piece) {
      if (piece.kind === 'call') return;
      const logprobs = lines === undefined ? {} : { logprobs: [logprobOf(piece.text, lines)] };
      const part = piece.kind === 'thinking' ? { thinking: piece.text } : { content: piece.text };
      write(objectOf(ask, core.clock, { ...part, ...logprobs }, { done: false }), 1);
    },
    done(report) {
      const { calls } = answer;
      if (calls.length > 0 && callsEarly) write(objectOf(ask, core.clock, { calls }, { done: false }), 1);
      write(
        objectOf(ask, core.clock, callsEarly ? {} : { calls }, endOf(core, ask, generation, report)),
        calls.length > 0 && !callsEarly ? 1 : 0,
      );
      reply.end();
    },
  };
};

const wholeWriter = (
  core: HostCore,
  exchange: Exchange,
  ask: OllamaAsk,
  generation: Generation,
): AnswerWriter => {
  const { answer } = generation;
  return {
    piece: () => undefined,
    done(report) {
      const thinking = textOf(answer.pieces, 'thinking');
      const top = ask.logprobs;
      const part: Part = {
        content: textOf(answer.pieces, 'content'),
        ...(thinking === '' ? {} : { thinking }),
        calls: answer.calls,
        ...(top === undefined ? {} : { logprobs: answer.pieces.map((piece) => logprobOf(piece.text, top)) }),
      };
      const object = objectOf(ask, core.clock, part, endOf(core, ask, generation, report));
      exchange.reply.whole(200, wholeType, JSON.stringify(object));
    },
  };
};

/** Runs a chat or generate request and writes it as it asked. */
export const answerOllama = (core: HostCore, exchange: Exchange, ask: OllamaAsk): void => {
  const { generation } = ask;
  if (generation === undefined) {
    void answerResidency(core, exchange, ask);
    return;
  }
  const writer = ask.stream ? streamWriter : wholeWriter;
  generate(core, exchange, generation, writer(core, exchange, ask, generation));
};
