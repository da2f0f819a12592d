/** Random bodies of Anthropic's messages: right, odd and half right. */

import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { withoutPrototype } from './arbitrary-answers.ts';

const json = fc.jsonValue({ maxDepth: 2 }).filter(withoutPrototype) as fc.Arbitrary<Json>;
const text = fc.string({ unit: 'grapheme', maxLength: 6 });
const maybe = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: value, weight: 4 }, { arbitrary: fc.constant(null), weight: 1 });

/** Each field there or not, and now and then one that nobody knows. */
const body = (
  fields: Record<string, fc.Arbitrary<unknown>>,
  required: readonly string[],
): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(
      fc.record(fields, { requiredKeys: required as string[] }),
      fc.dictionary(fc.constantFrom('later', '$sent', 'cache_control', 'citations'), json, { maxKeys: 1 }),
    )
    .map(([known, unknown]) => ({ ...unknown, ...known }) as JsonObject);

const textBlock = body({ type: fc.constant('text'), text }, ['type', 'text']);

const source = fc.constantFrom<Json>(
  { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
  { type: 'base64', media_type: 'image/jpeg', data: '/9j/4AAQ' },
  { type: 'url', url: 'https://images.example/a.png' },
  { type: 'file', file_id: 'file_1' },
);

const image = body({ type: fc.constant('image'), source }, ['type', 'source']);

const document = body(
  {
    type: fc.constant('document'),
    source: fc.constantFrom<Json>(
      { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0x' },
      { type: 'text', media_type: 'text/plain', data: 'words' },
      { type: 'content', content: 'words' },
    ),
    title: maybe(text),
  },
  ['type', 'source'],
);

const callId = fc.constantFrom('toolu_1', 'toolu_2');

const result = body(
  {
    type: fc.constant('tool_result'),
    tool_use_id: callId,
    content: fc.oneof(text, fc.array(fc.oneof(textBlock, image), { maxLength: 2 })),
    is_error: fc.boolean(),
  },
  ['type', 'tool_use_id'],
);

const call = body(
  {
    type: fc.constant('tool_use'),
    id: callId,
    name: fc.constantFrom('f', 'g'),
    input: fc.dictionary(text, json, { maxKeys: 2 }).filter(withoutPrototype),
  },
  ['type', 'id', 'name', 'input'],
);

const thinking = fc.oneof(
  body({ type: fc.constant('thinking'), thinking: text, signature: maybe(text) }, ['type', 'thinking']),
  body({ type: fc.constant('redacted_thinking'), data: text }, ['type', 'data']),
);

const userMessage = body(
  {
    role: fc.constant('user'),
    content: fc.oneof(text, fc.array(fc.oneof(textBlock, image, document), { maxLength: 3 })),
  },
  ['role', 'content'],
);

const assistantMessage = body(
  {
    role: fc.constant('assistant'),
    content: fc.oneof(
      text,
      fc.array(
        fc.oneof(textBlock, thinking, call, body({ type: fc.constant('server_tool_use') }, ['type'])),
        {
          maxLength: 3,
        },
      ),
    ),
  },
  ['role', 'content'],
);

const calling = body(
  { role: fc.constant('assistant'), content: fc.tuple(call, call).map((calls) => calls.slice(0, 2)) },
  ['role', 'content'],
);

const answering = body(
  { role: fc.constant('user'), content: fc.array(fc.oneof(result, textBlock), { maxLength: 3 }) },
  ['role', 'content'],
);

const tool = fc.oneof(
  body(
    {
      type: fc.constantFrom('custom', null),
      name: fc.constantFrom('f', 'g'),
      description: text,
      input_schema: fc.constantFrom<Json>({ type: 'object' }, { type: 'object', properties: {} }),
      strict: fc.boolean(),
    },
    ['name', 'input_schema'],
  ),
  body({ type: fc.constant('web_search_20250305'), name: fc.constant('web_search') }, ['type', 'name']),
);

/** By operation; there is one. */
export const anthropicBodies = {
  chat: body(
    {
      model: fc.constantFrom('m', 'claude-sonnet-4-5'),
      max_tokens: fc.integer({ min: 0, max: 5000 }),
      messages: fc
        .tuple(fc.array(userMessage, { minLength: 1, maxLength: 2 }), calling, answering, assistantMessage)
        .map(([users, ...others]) => [...users, ...others]),
      system: maybe(fc.oneof(text, fc.array(textBlock, { maxLength: 2 }))),
      stream: maybe(fc.boolean()),
      temperature: maybe(fc.constantFrom(0, 0.5, 1)),
      top_p: maybe(fc.constantFrom(0.5, 1)),
      top_k: maybe(fc.integer({ min: 1, max: 9 })),
      stop_sequences: maybe(fc.array(text, { maxLength: 2 })),
      tools: maybe(fc.array(tool, { maxLength: 2 })),
      tool_choice: maybe(
        fc.constantFrom<Json>(
          { type: 'auto' },
          { type: 'any', disable_parallel_tool_use: true },
          { type: 'tool', name: 'f' },
          { type: 'none' },
        ),
      ),
      thinking: maybe(
        fc.constantFrom<Json>(
          { type: 'enabled', budget_tokens: 2048 },
          { type: 'adaptive', display: 'summarized' },
          { type: 'disabled' },
        ),
      ),
      output_config: maybe(
        fc.constantFrom<Json>(
          { effort: 'xhigh' },
          { format: { type: 'json_schema', schema: { type: 'object' } } },
          { format: { type: 'later' } },
        ),
      ),
      metadata: maybe(fc.constant({ user_id: 'u' })),
      intent: json,
    },
    ['model', 'max_tokens', 'messages'],
  ),
};
