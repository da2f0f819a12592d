/** Random Gemini bodies: right, odd and half right, in both spellings. */

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
      fc.dictionary(fc.constantFrom('later', '$sent', 'videoMetadata', 'labels'), json, { maxKeys: 1 }),
    )
    .map(([known, unknown]) => ({ ...unknown, ...known }) as JsonObject);

/** A member under one of its spellings. */
const either = (camel: string, snake: string, value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.tuple(fc.constantFrom(camel, snake), value).map(([name, given]) => ({ [name]: given }));

const spelled = (...members: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(...members.map((member) => fc.option(member, { nil: {}, freq: 2 })))
    .map((given) => Object.assign({}, ...given));

const signature = fc.constantFrom<Json>('YQ==', 'pointsman.anthropic.Yg==', '');
const args = fc.dictionary(text, json, { maxKeys: 2 }).filter(withoutPrototype) as fc.Arbitrary<Json>;
const callId = fc.constantFrom('c1', 'c2');

const textPart = fc
  .tuple(
    body({ text, thought: fc.boolean() }, ['text']),
    spelled(either('thoughtSignature', 'thought_signature', signature)),
  )
  .map(([part, more]) => ({ ...part, ...more }));

const blob = fc.constantFrom<JsonObject>(
  { mimeType: 'image/png', data: 'iVBORw0KGgo=' },
  { mime_type: 'image/jpeg', data: '/9j/4AAQ' },
  { mimeType: 'application/pdf', data: 'JVBERi0x', displayName: 'a' },
  { mimeType: 'text/plain', data: 'd29yZHM=' },
  { mimeType: 'audio/mp3', data: 'SUQz' },
  { mimeType: 'image/png', data: 'bm8=' },
);

const blobPart = either('inlineData', 'inline_data', blob);

const callPart = fc
  .tuple(
    either(
      'functionCall',
      'function_call',
      body({ id: maybe(callId), name: fc.constantFrom('f', 'g'), args: maybe(args) }, ['name']),
    ),
    spelled(either('thoughtSignature', 'thought_signature', signature)),
  )
  .map(([part, more]) => ({ ...part, ...more }));

const responsePart = either(
  'functionResponse',
  'function_response',
  body(
    {
      id: maybe(callId),
      name: fc.constantFrom('f', 'g'),
      response: fc.oneof(
        args,
        fc.constantFrom<Json>({ result: 'x' }, { error: 'y' }, { error: { a: 1 } }, { output: 2 }),
      ),
    },
    ['name', 'response'],
  ),
);

const otherPart = fc.constantFrom<JsonObject>(
  { executableCode: { language: 'PYTHON', code: '1' } },
  { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
  { thoughtSignature: 'YQ==' },
  { fileData: { fileUri: 'https://files.example/a' } },
);

const userTurn = body(
  {
    role: fc.constantFrom('user', '', null),
    parts: fc.array(fc.oneof(textPart, textPart, blobPart), { minLength: 1, maxLength: 3 }),
  },
  ['parts'],
);

const modelTurn = body(
  {
    role: fc.constant('model'),
    parts: fc.array(
      fc.oneof({ arbitrary: textPart, weight: 3 }, callPart, { arbitrary: otherPart, weight: 1 }),
      {
        maxLength: 4,
      },
    ),
  },
  ['role', 'parts'],
);

const callingTurn = fc.record({
  role: fc.constant('model'),
  parts: fc.tuple(callPart, callPart).map((parts) => [...parts]),
}) as fc.Arbitrary<JsonObject>;

const answeringTurn = body(
  {
    role: fc.constantFrom('user', 'function'),
    parts: fc.array(fc.oneof(responsePart, textPart), { minLength: 1, maxLength: 3 }),
  },
  ['role', 'parts'],
);

const schema = fc.constantFrom<Json>(
  { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } }, propertyOrdering: ['a'] },
  { type: 'ARRAY', items: { anyOf: [{ type: 'INTEGER' }, { type: 'NUMBER' }] }, minItems: '1' },
);

const declaration = fc
  .tuple(
    body({ name: fc.constantFrom('f', 'g'), description: maybe(text), behavior: json }, ['name']),
    spelled(
      either('parameters', 'parameters', schema),
      either('parametersJsonSchema', 'parameters_json_schema', fc.constant({ type: 'object' })),
    ),
  )
  .map(([declared, more]) => ({ ...declared, ...more }));

const tool = fc.oneof(
  either('functionDeclarations', 'function_declarations', fc.array(declaration, { maxLength: 2 })),
  fc.constantFrom<JsonObject>({ googleSearch: {} }, { code_execution: {} }),
);

const number = maybe(fc.constantFrom<Json>(0, 1, 0.5, 20));

const config = spelled(
  either('temperature', 'temperature', number),
  either('topP', 'top_p', number),
  either('topK', 'top_k', number),
  either('maxOutputTokens', 'max_output_tokens', number),
  either('candidateCount', 'candidate_count', fc.constantFrom<Json>(1, 2)),
  either('seed', 'seed', number),
  either('stopSequences', 'stop_sequences', maybe(fc.array(text, { maxLength: 2 }))),
  either(
    'responseMimeType',
    'response_mime_type',
    fc.constantFrom('application/json', 'text/plain', 'text/x.enum'),
  ),
  either('responseSchema', 'response_schema', maybe(schema)),
  either('responseJsonSchema', 'response_json_schema', maybe(schema)),
  either('responseLogprobs', 'response_logprobs', maybe(fc.boolean())),
  either('logprobs', 'logprobs', number),
  either(
    'thinkingConfig',
    'thinking_config',
    maybe(
      spelled(
        either('includeThoughts', 'include_thoughts', fc.boolean()),
        either('thinkingBudget', 'thinking_budget', fc.constantFrom<Json>(-1, 0, 1024)),
        either('thinkingLevel', 'thinking_level', fc.constantFrom('HIGH', 'low', 'LATER')),
      ),
    ),
  ),
  either('speechConfig', 'speech_config', json),
);

const toolConfig = spelled(
  either(
    'functionCallingConfig',
    'function_calling_config',
    spelled(
      either('mode', 'mode', fc.constantFrom('AUTO', 'ANY', 'none', 'VALIDATED', 'LATER')),
      either(
        'allowedFunctionNames',
        'allowed_function_names',
        maybe(fc.array(fc.constantFrom('f', 'g'), { maxLength: 2 })),
      ),
    ),
  ),
  either('retrievalConfig', 'retrieval_config', json),
);

const turns = fc
  .tuple(fc.array(userTurn, { minLength: 1, maxLength: 2 }), callingTurn, answeringTurn, modelTurn)
  .map(([users, ...others]) => [...users, ...others]);

/** By operation; there is one. The model and the stream are what a path would say. */
export const geminiBodies = {
  chat: fc
    .tuple(
      body(
        {
          model: fc.constantFrom('m', 'gemini-3-pro-preview', 'ai/qwen3:8b'),
          stream: fc.boolean(),
          contents: fc.oneof(turns, userTurn),
          tools: maybe(fc.array(tool, { maxLength: 2 })),
          safetySettings: json,
          intent: json,
        },
        ['model', 'stream', 'contents'],
      ),
      spelled(
        either('systemInstruction', 'system_instruction', maybe(userTurn)),
        either('generationConfig', 'generation_config', maybe(config)),
        either('toolConfig', 'tool_config', maybe(toolConfig)),
      ),
    )
    .map(([given, more]) => ({ ...given, ...more })),
};
