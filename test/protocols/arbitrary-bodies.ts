/** Random request bodies of the dialects: right, odd and half right; those a peek refuses are left out by the test. */

import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';
import { withoutPrototype } from './arbitrary-answers.ts';
import { anthropicBodies } from './arbitrary-anthropic-bodies.ts';
import { geminiBodies } from './arbitrary-gemini-bodies.ts';
import { arbitraryResponses } from './arbitrary-responses.ts';

const json = fc.jsonValue({ maxDepth: 2 }).filter(withoutPrototype) as fc.Arbitrary<Json>;
const number = fc.oneof(fc.integer({ min: -5, max: 500 }), fc.constantFrom(0.5, 1.25, -1));
/** Few enough to meet: results find their calls. */
const callId = fc.constantFrom('', 'call_1', 'call_2');
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
      fc.dictionary(fc.constantFrom('later', '$sent', 'options', 'function', 'ext', 'name'), json, {
        maxKeys: 1,
      }),
    )
    .map(([known, unknown]) => ({ ...unknown, ...known }) as JsonObject);

const schema = fc.constantFrom<Json>(
  { type: 'object' },
  { type: 'object', properties: { a: { type: 'string' } } },
);

const tool = body(
  {
    type: fc.constantFrom('function', 'custom', null),
    function: body(
      {
        name: maybe(fc.constantFrom('f', 'g', '')),
        description: maybe(text),
        parameters: maybe(schema),
        strict: fc.boolean(),
      },
      [],
    ),
  },
  [],
);

const ollamaCall = body(
  {
    id: maybe(callId),
    function: body(
      {
        name: fc.constantFrom('f', 'g'),
        arguments: maybe(fc.dictionary(text, json, { maxKeys: 2 })),
        index: number,
      },
      ['name'],
    ),
  },
  ['function'],
);

const ollamaMessage = body(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer', 'USER'),
    content: maybe(text),
    thinking: maybe(text),
    images: maybe(fc.array(fc.constantFrom('iVBORw0K', '/9j/4AAQ', ''), { maxLength: 2 })),
    tool_calls: maybe(fc.array(ollamaCall, { maxLength: 2 })),
    tool_name: maybe(text),
    tool_call_id: maybe(callId),
  },
  ['role'],
);

const options = body(
  {
    temperature: maybe(number),
    num_predict: maybe(number),
    num_ctx: maybe(number),
    seed: maybe(number),
    top_k: maybe(number),
    stop: maybe(fc.array(text, { maxLength: 2 })),
    mirostat: json,
  },
  [],
);

const ollamaShared = {
  model: maybe(fc.constantFrom('', 'm', 'hf.co/a/b:q4')),
  name: fc.constantFrom('n', '', null),
  stream: maybe(fc.boolean()),
  options: maybe(options),
  format: maybe(fc.oneof(fc.constantFrom('json', ''), schema)),
  think: maybe(fc.constantFrom(true, false, 'low', 'max', '')),
  keep_alive: maybe(fc.constantFrom<Json>(0, -1, 300, '5m', '0s', '')),
  logprobs: maybe(fc.boolean()),
  top_logprobs: maybe(fc.integer({ min: 0, max: 20 })),
  intent: json,
  truncate: fc.boolean(),
};

const ollamaBodies = {
  chat: body(
    {
      ...ollamaShared,
      messages: maybe(fc.array(ollamaMessage, { maxLength: 3 })),
      tools: maybe(fc.array(tool, { maxLength: 2 })),
    },
    [],
  ),
  complete: body(
    {
      ...ollamaShared,
      prompt: maybe(text),
      suffix: maybe(text),
      system: maybe(text),
      template: maybe(text),
      raw: maybe(fc.boolean()),
      images: maybe(fc.array(text, { maxLength: 2 })),
      context: fc.array(number, { maxLength: 2 }),
    },
    [],
  ),
};

const part = fc.oneof(
  body({ type: fc.constant('text'), text }, ['type', 'text']),
  body({ type: fc.constant('refusal'), refusal: text }, ['type']),
  body(
    {
      type: fc.constant('image_url'),
      image_url: fc.oneof(
        body(
          {
            url: fc.constantFrom(
              'data:image/png;base64,iVBORw0K',
              'data:;base64,AA==',
              'http://x/y.png',
              'data:,x',
            ),
            detail: text,
          },
          ['url'],
        ),
        fc.constantFrom('data:image/png;base64,', 'data:image/jpeg;q=1;base64,/9j/'),
      ),
    },
    ['type', 'image_url'],
  ),
  body(
    { type: fc.constant('input_audio'), input_audio: body({ data: text, format: maybe(text) }, ['data']) },
    ['type', 'input_audio'],
  ),
  body({ type: fc.constant('file'), file: json }, ['type']),
);

const openaiCall = body(
  {
    id: maybe(callId),
    type: maybe(fc.constantFrom('function', 'custom')),
    function: maybe(
      body(
        { name: fc.constantFrom('f', 'g'), arguments: maybe(fc.constantFrom('{}', '{"a": 1}', '', 'x')) },
        ['name'],
      ),
    ),
    custom: json,
  },
  [],
);

const openaiMessage = body(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer', 'function'),
    content: fc.oneof(maybe(text), fc.array(part, { maxLength: 3 })),
    reasoning_content: maybe(text),
    reasoning: maybe(text),
    tool_calls: maybe(fc.array(openaiCall, { maxLength: 2 })),
    tool_call_id: maybe(callId),
  },
  ['role'],
);

const openaiShared = {
  model: fc.constantFrom('m', 'ai/smollm2:latest'),
  stream: maybe(fc.boolean()),
  stream_options: maybe(body({ include_usage: maybe(fc.boolean()) }, [])),
  max_tokens: maybe(number),
  max_completion_tokens: maybe(number),
  temperature: maybe(number),
  top_k: maybe(number),
  repeat_penalty: maybe(number),
  repetition_penalty: maybe(number),
  n: maybe(fc.integer({ min: 1, max: 3 })),
  stop: maybe(fc.oneof(text, fc.array(text, { maxLength: 2 }))),
  intent: json,
  user: json,
};

const openaiBodies = {
  chat: body(
    {
      ...openaiShared,
      messages: fc.array(openaiMessage, { minLength: 1, maxLength: 3 }),
      logprobs: maybe(fc.boolean()),
      top_logprobs: maybe(number),
      tools: maybe(fc.array(tool, { maxLength: 2 })),
      tool_choice: fc.oneof(
        fc.constantFrom<Json>('auto', 'none', 'required', { type: 'function', function: { name: 'f' } }),
        json,
      ),
      parallel_tool_calls: maybe(fc.boolean()),
      response_format: maybe(
        body(
          {
            type: fc.constantFrom('text', 'json_object', 'json_schema', 'grammar'),
            schema: maybe(schema),
            json_schema: body({ name: text, schema: maybe(schema) }, []),
          },
          ['type'],
        ),
      ),
      reasoning_effort: fc.oneof(fc.constantFrom('none', 'minimal', 'high', 'xhigh', 'ultra'), json),
      reasoning: fc.oneof(body({ effort: fc.constantFrom<Json>('low', 'x', null) }, []), json),
    },
    ['model', 'messages'],
  ),
  complete: body(
    {
      ...openaiShared,
      prompt: fc.oneof(text, fc.tuple(text)),
      suffix: maybe(text),
      logprobs: maybe(number),
      echo: json,
    },
    ['model', 'prompt'],
  ),
};

/** By dialect and operation; a dialect has none for an operation it does not know. */
export const arbitraryBodies: Readonly<
  Partial<Record<ProtocolId, Readonly<Partial<Record<'chat' | 'complete', fc.Arbitrary<JsonObject>>>>>>
> = {
  anthropic: anthropicBodies,
  gemini: geminiBodies,
  ollama: ollamaBodies,
  'openai-chat': openaiBodies,
  'openai-responses': { chat: arbitraryResponses },
};
