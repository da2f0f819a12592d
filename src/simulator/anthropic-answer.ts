/** Anthropic's answers: a message in typed events, block by block, or in one piece. */

import type { Json, JsonObject } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { redactedOf, signatureOf } from './anthropic-content.ts';
import { requestId } from './anthropic-errors.ts';
import type { AnthropicAsk } from './anthropic-request.ts';
import type { RunReport } from './engine-run.ts';
import type { Exchange } from './exchange.ts';
import { type AnswerWriter, generate, textOf } from './generation.ts';
import type { HostCore } from './host-core.ts';
import { keepAwake } from './keep-awake.ts';
import type { Piece } from './piece.ts';

/** Silence after which a ping is sent. */
const pingMs: Millis = 10_000;

/** What every answer says beside its body. */
type Headers = Readonly<Record<string, string>>;

const event = (type: string, members: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;

const ping = event('ping', {});

const headOf = (core: HostCore, ask: AnthropicAsk): JsonObject => ({
  id: `msg_01${core.nextId().toString(36).padStart(22, 'S')}`,
  type: 'message',
  role: 'assistant',
  model: ask.name,
});

const usageOf = (ask: AnthropicAsk, report: RunReport): JsonObject => {
  const read = ask.caches ? report.cachedTokens : 0;
  return {
    input_tokens: report.promptTokens - read,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: read,
    output_tokens: report.decodedTokens,
  };
};

const blockStart = (ask: AnthropicAsk, piece: Piece): JsonObject => {
  const { answer } = ask.generation;
  if (piece.kind === 'content') return { type: 'text', text: '' };
  if (piece.kind === 'call') {
    const call = answer.calls[piece.call ?? 0];
    return { type: 'tool_use', id: call?.id, name: call?.name, input: {} };
  }
  return ask.showsThinking === 'redacted'
    ? { type: 'redacted_thinking', data: redactedOf(textOf(answer.pieces, 'thinking')) }
    : { type: 'thinking', thinking: '', signature: '' };
};

const deltaOf = (ask: AnthropicAsk, { kind, text }: Piece): JsonObject | undefined => {
  if (kind === 'content') return { type: 'text_delta', text };
  if (kind === 'call') return { type: 'input_json_delta', partial_json: text };
  return ask.showsThinking === 'shown' ? { type: 'thinking_delta', thinking: text } : undefined;
};

/** A call that the limit cut has no block of its own any more, in words or in a stream. */
const isWritten = (ask: AnthropicAsk, { kind, call }: Piece): boolean =>
  kind !== 'call' || ask.generation.answer.calls[call ?? 0] !== undefined;

const shownThought = (ask: AnthropicAsk): string =>
  ask.showsThinking === 'omitted' ? '' : textOf(ask.generation.answer.pieces, 'thinking');

const streamWriter = (
  core: HostCore,
  exchange: Exchange,
  ask: AnthropicAsk,
  headers: Headers,
): AnswerWriter => {
  const { reply } = exchange;
  const awake = keepAwake(core, exchange, pingMs, ping);
  let index = -1;
  let open: string | undefined;

  const say = (text: string, tokens: number): void => {
    awake.spoke();
    reply.write(text, tokens);
  };

  const begin = (): void => {
    if (reply.opened()) return;
    reply.open('text/event-stream; charset=utf-8', { 'request-id': requestId, ...headers });
    const usage = {
      input_tokens: ask.generation.promptTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 1,
    };
    const message = { ...headOf(core, ask), content: [], stop_reason: null, stop_sequence: null, usage };
    say(event('message_start', { message }), 0);
  };

  const close = (): void => {
    if (open === undefined) return;
    if (open === 'thinking' && ask.showsThinking !== 'redacted') {
      const delta = { type: 'signature_delta', signature: signatureOf(shownThought(ask)) };
      say(event('content_block_delta', { index, delta }), 0);
    }
    say(event('content_block_stop', { index }), 0);
    open = undefined;
  };

  return {
    piece(piece) {
      begin();
      if (!isWritten(ask, piece)) return;
      const key = `${piece.kind}${piece.call ?? ''}`;
      if (open !== key) {
        close();
        index += 1;
        open = key;
        say(event('content_block_start', { index, content_block: blockStart(ask, piece) }), 0);
        if (index === 0) say(ping, 0);
        if (piece.kind === 'call') {
          say(
            event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: '' } }),
            0,
          );
        }
      }
      const delta = deltaOf(ask, piece);
      if (delta !== undefined) say(event('content_block_delta', { index, delta }), 1);
    },
    done(report) {
      begin();
      close();
      awake.stop();
      const delta = { stop_reason: ask.stopReason, stop_sequence: ask.stopSequence };
      say(event('message_delta', { delta, usage: usageOf(ask, report) }), 0);
      say(event('message_stop', {}), 0);
      reply.end();
    },
  };
};

const wholeContent = (ask: AnthropicAsk): readonly Json[] => {
  const { pieces, calls } = ask.generation.answer;
  const thought = textOf(pieces, 'thinking');
  const text = textOf(pieces, 'content');
  const shown = shownThought(ask);
  const thinking =
    ask.showsThinking === 'redacted'
      ? { type: 'redacted_thinking', data: redactedOf(thought) }
      : { type: 'thinking', thinking: shown, signature: signatureOf(shown) };
  return [
    ...(thought === '' ? [] : [thinking]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...calls.map(({ id, name, value }) => ({ type: 'tool_use', id, name, input: value })),
  ];
};

const wholeWriter = (
  core: HostCore,
  exchange: Exchange,
  ask: AnthropicAsk,
  headers: Headers,
): AnswerWriter => ({
  piece: () => undefined,
  done(report) {
    const message = {
      ...headOf(core, ask),
      content: wholeContent(ask),
      stop_reason: ask.stopReason,
      stop_sequence: ask.stopSequence,
      usage: { ...usageOf(ask, report), service_tier: 'standard' },
    };
    exchange.reply.whole(200, 'application/json', JSON.stringify(message), {
      'request-id': requestId,
      ...headers,
    });
  },
});

/** Runs a message and writes it as it was asked for. */
export const answerAnthropic = (
  core: HostCore,
  exchange: Exchange,
  ask: AnthropicAsk,
  headers: Headers,
): void => {
  const writer = ask.stream ? streamWriter : wholeWriter;
  generate(core, exchange, ask.generation, writer(core, exchange, ask, headers));
};
