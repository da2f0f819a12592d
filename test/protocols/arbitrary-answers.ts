/** Random answers as events, and what of them each dialect can say. */

import fc from 'fast-check';
import type { ChatEvent, FinishReason } from '../../src/spec/chat-event.ts';
import type { Usage } from '../../src/spec/usage.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';
import { type Answer, answerOf } from './answer.ts';

/** Any text a string can hold but lone surrogates, which no wire carries. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '',
    '\n',
    '\r\n',
    '\n\ndata: [DONE]\n\n',
    '"done":true}',
    '\u2028',
    '\ufeff',
    'data: {"error":1}',
    '\\',
  ),
);

const delta: fc.Arbitrary<ChatEvent> = fc.oneof(
  text.map((value): ChatEvent => ({ type: 'text-delta', text: value })),
  text.map((value): ChatEvent => ({ type: 'reasoning-delta', text: value })),
  fc
    .record({ token: text, logprob: fc.double({ max: -0.001, min: -50, noNaN: true }) })
    .map((entry): ChatEvent => ({ type: 'text-delta', text: entry.token, logprobs: [entry] })),
);

/** The parser drops members of this name wherever they come from. */
export const withoutPrototype = (value: unknown): boolean => !JSON.stringify(value).includes('__proto__');

/** JSON objects spelled with white space or without, cut anywhere. */
const toolCall = fc.record({
  id: fc.option(fc.stringMatching(/^call_[a-z0-9]{1,8}$/), { nil: undefined }),
  name: fc.stringMatching(/^[a-zA-Z_]{1,10}$/),
  value: fc
    .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .filter(withoutPrototype),
  indent: fc.constantFrom(undefined, 2),
  cut: fc.nat({ max: 20 }),
});

const count = fc.option(fc.nat({ max: 1e6 }), { nil: undefined });

const usage = fc
  .record({ inputTokens: count, outputTokens: count, cachedInputTokens: count, reasoningTokens: count })
  .map((value): ChatEvent => ({ type: 'usage', usage: value }));

const reason = fc.constantFrom<FinishReason>(
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'load',
  'unload',
  'other',
);

/** A complete answer, in an order some engine uses. */
export const arbitraryAnswer: fc.Arbitrary<readonly ChatEvent[]> = fc
  .record({
    deltas: fc.array(delta, { maxLength: 8 }),
    toolCalls: fc.array(toolCall, { maxLength: 3 }),
    usage: fc.option(usage, { nil: undefined }),
    usageFirst: fc.boolean(),
    reason,
  })
  .map((answer) => {
    const events: ChatEvent[] = [{ type: 'response-start', id: 'x', model: 'm' }, ...answer.deltas];
    for (const [index, call] of answer.toolCalls.entries()) {
      const json = JSON.stringify(call.value, null, call.indent);
      // An id names one call of its answer.
      const id = call.id === undefined ? undefined : `${call.id}${index}`;
      events.push({ type: 'tool-call-start', index, id, name: call.name });
      events.push({ type: 'tool-call-delta', index, arguments: json.slice(0, call.cut) });
      events.push({ type: 'tool-call-delta', index, arguments: json.slice(call.cut) });
      events.push({ type: 'tool-call-end', index });
    }
    const finish: ChatEvent = { type: 'finish', reason: answer.reason };
    if (answer.usage === undefined) return [...events, finish];
    return answer.usageFirst ? [...events, answer.usage, finish] : [...events, finish, answer.usage];
  });

/** It has no reason for calls, and one for what has no name. */
const reasonInGemini = (value: string): string | undefined => {
  if (value === 'content-filter' || value === 'refusal') return 'content-filter';
  return value === 'length' || value === 'other' ? value : undefined;
};

/** What a dialect has no words for becomes the nearest it has. */
const reasonIn = (protocol: ProtocolId, answer: Answer): string => {
  const [value = 'stop'] = answer.finish;
  if (protocol === 'anthropic' && (value === 'content-filter' || value === 'refusal')) return 'refusal';
  if (protocol.startsWith('openai-') && value === 'refusal') return 'content-filter';
  const natural = answer.calls.length > 0 ? 'tool-calls' : 'stop';
  if (protocol === 'gemini') return reasonInGemini(value) ?? natural;
  if (protocol === 'ollama')
    return value === 'length' || value === 'load' || value === 'unload' ? value : natural;
  if (value === 'length' || value === 'content-filter') return value;
  // The Responses API says it by the calls themselves.
  return value === 'tool-calls' && protocol !== 'openai-responses' ? value : natural;
};

/** Cached tokens are counted beside the others in one dialect, so that there are never fewer than those. */
const inputIn = (protocol: ProtocolId, usage: Usage | undefined): number =>
  Math.max(usage?.inputTokens ?? 0, protocol === 'anthropic' ? (usage?.cachedInputTokens ?? 0) : 0);

/** The same for tokens of thoughts in another. */
const outputIn = (protocol: ProtocolId, usage: Usage | undefined): number =>
  Math.max(usage?.outputTokens ?? 0, protocol === 'gemini' ? (usage?.reasoningTokens ?? 0) : 0);

const compact = (json: string): string => JSON.stringify(JSON.parse(json));

const countsReasoning: ReadonlySet<ProtocolId> = new Set(['openai-chat', 'openai-responses', 'gemini']);

/** The answer as a dialect keeps it: what a round trip through it must give back. */
export const normalise = (protocol: ProtocolId, answer: Answer): Answer => ({
  ...answer,
  logprobs: protocol === 'anthropic' ? [] : answer.logprobs,
  // Ollama parses the object, the other keeps its text: compared as values.
  calls: answer.calls.map((call) => ({ ...call, arguments: compact(call.arguments) })),
  finish: [reasonIn(protocol, answer)],
  usage: {
    inputTokens: inputIn(protocol, answer.usage) || undefined,
    outputTokens: outputIn(protocol, answer.usage) || undefined,
    cachedInputTokens: protocol === 'ollama' ? undefined : answer.usage?.cachedInputTokens || undefined,
    reasoningTokens: countsReasoning.has(protocol) ? answer.usage?.reasoningTokens || undefined : undefined,
  },
});

/** As `normalise`, of events; made-up ids and own durations are left out of what is compared. */
export const comparable = (
  protocol: ProtocolId,
  events: readonly ChatEvent[],
  askedIds: readonly (string | undefined)[],
): Answer => {
  const answer = normalise(protocol, answerOf(events));
  return {
    ...answer,
    calls: answer.calls.map((call, index) => ({
      ...call,
      id: askedIds[index] === undefined ? undefined : call.id,
    })),
  };
};
