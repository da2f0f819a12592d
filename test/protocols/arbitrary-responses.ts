/** Random bodies of the Responses API: right, odd and half right. */

import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { withoutPrototype } from './arbitrary-answers.ts';

const json = fc.jsonValue({ maxDepth: 2 }).filter(withoutPrototype) as fc.Arbitrary<Json>;
const number = fc.oneof(fc.integer({ min: -5, max: 500 }), fc.constantFrom(0.5, 1.25));
const text = fc.string({ unit: 'grapheme', maxLength: 6 });
const callId = fc.constantFrom('call_1', 'call_2');
const maybe = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: value, weight: 4 }, { arbitrary: fc.constant(null), weight: 1 });

const record = (fields: Record<string, fc.Arbitrary<unknown>>, required: readonly string[]) =>
  fc.record(fields, { requiredKeys: required as string[] });

const part = fc.oneof(
  record({ type: fc.constantFrom('input_text', 'output_text', 'text'), text, annotations: json }, [
    'type',
    'text',
  ]),
  record({ type: fc.constant('refusal'), refusal: text }, ['type', 'refusal']),
  record(
    {
      type: fc.constant('input_image'),
      image_url: fc.constantFrom(
        'data:image/png;base64,iVBORw0K',
        'https://x/y.png',
        'data:image/png;base64,no',
      ),
      detail: fc.constantFrom('auto', 'low', null),
    },
    ['type', 'image_url'],
  ),
  record(
    {
      type: fc.constant('input_file'),
      filename: text,
      file_data: fc.constantFrom('data:text/plain;base64,QQ==', 'QQ=='),
    },
    ['type', 'file_data'],
  ),
);

const message = record(
  {
    type: fc.constantFrom('message', null),
    id: text,
    role: fc.constantFrom('system', 'developer', 'user', 'assistant'),
    content: fc.oneof(text, fc.array(part, { maxLength: 3 })),
    status: fc.constantFrom('completed', null),
  },
  ['role', 'content'],
);

const call = record(
  {
    type: fc.constant('function_call'),
    call_id: callId,
    name: fc.constantFrom('f', 'g'),
    arguments: fc.constantFrom('{}', '{"a": 1}', ''),
    id: text,
  },
  ['type', 'call_id', 'name', 'arguments'],
);

const result = record(
  {
    type: fc.constant('function_call_output'),
    call_id: callId,
    output: fc.oneof(text, fc.array(part, { maxLength: 2 })),
  },
  ['type', 'call_id', 'output'],
);

const reasoning = record(
  {
    type: fc.constant('reasoning'),
    id: text,
    summary: fc.array(record({ type: fc.constant('summary_text'), text }, ['type', 'text']), {
      maxLength: 2,
    }),
    encrypted_content: maybe(
      fc.constantFrom(
        'abc',
        'pointsman.anthropic.x.y',
        'pointsman-call:pointsman.gemini.z',
        'pointsman-redacted:x',
      ),
    ),
  },
  ['type', 'summary'],
);

const tool = fc.oneof(
  record(
    {
      type: fc.constant('function'),
      name: fc.constantFrom('f', 'g'),
      description: maybe(text),
      parameters: maybe(fc.constantFrom<Json>({ type: 'object' }, { type: 'object', properties: {} })),
      strict: maybe(fc.boolean()),
    },
    ['type', 'name'],
  ),
  record({ type: fc.constant('custom'), name: fc.constantFrom('h'), description: text, format: json }, [
    'type',
    'name',
  ]),
  record({ type: fc.constantFrom('web_search', 'file_search'), filters: json }, ['type']),
);

/** Bodies of `/v1/responses`. */
export const arbitraryResponses = record(
  {
    model: fc.constantFrom('m', 'ai/smollm2:latest'),
    input: fc.oneof(
      text,
      fc.array(fc.oneof(message, call, reasoning), { maxLength: 4 }),
      fc.tuple(call, result, message),
    ),
    instructions: maybe(text),
    stream: maybe(fc.boolean()),
    store: maybe(fc.boolean()),
    tools: maybe(fc.array(tool, { maxLength: 3 })),
    tool_choice: fc.oneof(
      fc.constantFrom<Json>('auto', 'none', 'required', null, { type: 'function', name: 'f' }),
      fc.constantFrom<Json>({
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'g' }],
      }),
    ),
    parallel_tool_calls: maybe(fc.boolean()),
    text: maybe(
      record(
        {
          format: maybe(
            fc.constantFrom<Json>(
              { type: 'text' },
              { type: 'json_object' },
              { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
            ),
          ),
          verbosity: maybe(fc.constantFrom('low', 'high')),
        },
        [],
      ),
    ),
    reasoning: maybe(
      record({ effort: maybe(fc.constantFrom('none', 'low', 'xhigh', 'odd')), summary: json }, []),
    ),
    max_output_tokens: maybe(number),
    temperature: maybe(number),
    top_p: maybe(number),
    top_logprobs: maybe(fc.integer({ min: 0, max: 20 })),
    include: maybe(fc.array(fc.constantFrom('message.output_text.logprobs', 'reasoning.encrypted_content'))),
    previous_response_id: maybe(text),
    metadata: maybe(fc.dictionary(fc.constantFrom('a', 'b'), text)),
    user: maybe(text),
    service_tier: json,
    later: json,
    $sent: json,
  },
  ['model', 'input'],
) as fc.Arbitrary<JsonObject>;
