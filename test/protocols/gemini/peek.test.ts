import { describe, expect, test } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const hi: Json = { role: 'user', parts: [{ text: 'Hi' }] };
const png = 'iVBORw0KGgo=';

const chat = (more: JsonObject): JsonObject => ({ model: 'm', stream: false, contents: [hi], ...more });
const part = (given: Json): JsonObject => chat({ contents: [{ role: 'user', parts: [given] }] });
const call: Json = { functionCall: { name: 'f', args: {} } };

describe('a look at a Gemini body', () => {
  test('finds what the planner needs', () => {
    const body = chat({
      stream: true,
      contents: [{ parts: [{ text: 'a' }, { inline_data: { mime_type: 'image/png', data: png } }] }],
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      generation_config: { max_output_tokens: 7 },
    });
    expect(gemini.peek(body, 'chat')).toEqual({
      model: 'm',
      stream: true,
      intent: undefined,
      maxOutputTokens: 7,
      needs: ['tools', 'vision'],
    });
    expect(
      gemini.peek(part({ inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } }), 'chat').needs,
    ).toEqual(['audio']);
    const file = { file_data: { file_uri: 'https://files.example/a', mime_type: 'image/png' } };
    expect(gemini.peek(part(file), 'chat').needs).toEqual(['vision']);
  });

  const wrong: readonly (readonly [what: string, body: JsonObject, field: string])[] = [
    ['no contents', { model: 'm', stream: false }, 'contents'],
    ['empty contents', chat({ contents: [] }), 'contents'],
    ['contents of text', chat({ contents: 'Hi' }), 'contents[0]'],
    ['a role of another dialect', chat({ contents: [{ role: 'assistant', parts: [] }] }), 'contents[0].role'],
    ['a role that is a number', chat({ contents: [hi, { role: 1 }] }), 'contents[1].role'],
    ['a part of text', chat({ contents: [{ parts: ['Hi'] }] }), 'contents[0].parts[0]'],
    ['text that is a number', part({ text: 1 }), 'contents[0].parts[0].text'],
    ['a part of no known kind', part({ video: {} }), 'contents[0].parts[0]'],
    ['a file without its address', part({ fileData: {} }), 'contents[0].parts[0].fileData.fileUri'],
    ['a file that is a text', part({ file_data: 'x' }), 'contents[0].parts[0].fileData'],
    ['data without a type', part({ inlineData: { data: png } }), 'contents[0].parts[0].inlineData.mimeType'],
    [
      'data that is a number',
      part({ inlineData: { mimeType: 'image/png', data: 1 } }),
      'contents[0].parts[0].inlineData.data',
    ],
    [
      'an image that is none',
      part({ inlineData: { mimeType: 'image/png', data: 'bm8gaW1hZ2U=' } }),
      'contents[0].parts[0].inlineData.data',
    ],
    [
      'an image that is not even base64',
      part({ inlineData: { mimeType: 'image/png', data: '§§' } }),
      'contents[0].parts[0].inlineData.data',
    ],
    ['a call by the user', part(call), 'contents[0].parts[0].functionCall'],
    [
      'a call without a name',
      chat({ contents: [hi, { role: 'model', parts: [{ functionCall: {} }] }] }),
      'contents[1].parts[0].functionCall.name',
    ],
    [
      'arguments of text',
      chat({ contents: [hi, { role: 'model', parts: [{ functionCall: { name: 'f', args: '{}' } }] }] }),
      'contents[1].parts[0].functionCall.args',
    ],
    [
      'a response without its call',
      part({ functionResponse: { name: 'f', response: {} } }),
      'contents[0].parts[0].functionResponse',
    ],
    [
      'a response of text',
      chat({
        contents: [
          hi,
          { role: 'model', parts: [call] },
          { parts: [{ functionResponse: { name: 'f', response: 'x' } }] },
        ],
      }),
      'contents[2].parts[0].functionResponse.response',
    ],
    [
      'a response to another function',
      chat({
        contents: [
          hi,
          { role: 'model', parts: [call] },
          { parts: [{ function_response: { name: 'g', response: {} } }] },
        ],
      }),
      'contents[2].parts[0].functionResponse',
    ],
    ['a system of text', chat({ systemInstruction: 'Be brief' }), 'systemInstruction'],
    [
      'a system that is no text',
      chat({ system_instruction: { parts: [{ text: {} }] } }),
      'systemInstruction.parts[0].text',
    ],
    ['a tool of text', chat({ tools: ['f'] }), 'tools[0]'],
    [
      'a function without a name',
      chat({ tools: [{ function_declarations: [{}] }] }),
      'tools[0].functionDeclarations[0].name',
    ],
    [
      'a mode that is a number',
      chat({ toolConfig: { functionCallingConfig: { mode: 1 } } }),
      'toolConfig.functionCallingConfig.mode',
    ],
    [
      'names that are no list',
      chat({ tool_config: { function_calling_config: { allowed_function_names: 'f' } } }),
      'toolConfig.functionCallingConfig.allowedFunctionNames',
    ],
    ['a config of text', chat({ generationConfig: 'x' }), 'generationConfig'],
    [
      'a temperature of text',
      chat({ generationConfig: { temperature: 'hot' } }),
      'generationConfig.temperature',
    ],
    [
      'a limit of text in snake case',
      chat({ generation_config: { max_output_tokens: '9' } }),
      'generationConfig.maxOutputTokens',
    ],
    [
      'stop sequences of numbers',
      chat({ generationConfig: { stopSequences: [1] } }),
      'generationConfig.stopSequences',
    ],
    [
      'a schema of text',
      chat({ generationConfig: { responseSchema: 'x' } }),
      'generationConfig.responseSchema',
    ],
    [
      'a budget of text',
      chat({ generationConfig: { thinkingConfig: { thinkingBudget: 'x' } } }),
      'generationConfig.thinkingConfig.thinkingBudget',
    ],
    [
      'a level that is a number',
      chat({ generationConfig: { thinkingConfig: { thinkingLevel: 3 } } }),
      'generationConfig.thinkingConfig.thinkingLevel',
    ],
    ['no model', { contents: [hi] }, 'model'],
  ];

  test.each(wrong)('names the field of %s', (_what, body, field) => {
    const refusal = refused(() => gemini.peek(body, 'chat'));
    expect(refusal).toMatchObject({ code: 'invalid_request', param: field });
    expect(refusal?.message).toContain(field.replace(/\[\d+\]$/, ''));
  });

  test.each<readonly [string, JsonObject]>([
    ['one content without a list', chat({ contents: { parts: { text: 'Hi' } } })],
    ['a turn of the model that said nothing', chat({ contents: [hi, { role: 'model' }, hi] })],
    ['code that was run', chat({ contents: [hi, { role: 'model', parts: [{ executableCode: {} }] }] })],
    ['a signature alone', chat({ contents: [hi, { role: 'model', parts: [{ thoughtSignature: 'YQ==' }] }] })],
    ['fields nobody knows', chat({ later: 1, generationConfig: { later: {} } })],
    [
      'a response by the id of its call',
      chat({
        contents: [
          hi,
          { role: 'model', parts: [{ functionCall: { id: 'a', name: 'f' } }] },
          { parts: [{ functionResponse: { id: 'a', name: 'renamed', response: {} } }] },
        ],
      }),
    ],
    ...[
      'image/jpeg,/9j/4AAQ',
      'image/gif,R0lGODlh',
      'image/webp,UklGRiQAAABXRUJQ',
      'image/heic,AAAAGGZ0eXBoZWlj',
    ].map((given): readonly [string, JsonObject] => {
      const [mimeType = '', data = ''] = given.split(',');
      return [mimeType, part({ inlineData: { mimeType, data } })];
    }),
  ])('lets %s pass', (_what, body) => {
    expect(refused(() => gemini.peek(body, 'chat'))).toBeUndefined();
  });

  test.each<readonly [JsonObject, string]>([
    [{ model: 'm' }, 'content'],
    [{ model: 'm', content: { parts: [{ text: 1 }] } }, 'content.parts[0].text'],
    [{ model: 'm', requests: [] }, 'requests'],
    [{ model: 'm', requests: ['x'] }, 'requests[0]'],
    [{ model: 'm', requests: [{}] }, 'requests[0].content'],
    [{ model: 'm', content: { parts: [] }, outputDimensionality: '9' }, 'outputDimensionality'],
  ])('of an embedding %j names %s', (body, field) => {
    expect(refused(() => gemini.peek(body, 'embed'))?.param).toBe(field);
  });
});

describe('the size of a prompt', () => {
  const sizeOf = (body: JsonObject): string => JSON.stringify(gemini.prompt(body));

  test('is that of tools, system and turns, pictures counted and not read', () => {
    expect(
      gemini.prompt(
        chat({
          systemInstruction: { parts: { text: 'Be brief' } },
          contents: [
            hi,
            { role: 'model', parts: [call] },
            { parts: [{ inlineData: { mimeType: 'image/png', data: png } }] },
          ],
        }),
      ),
    ).toEqual([
      { role: 'system', text: 'Be brief', images: 0 },
      { role: 'user', text: 'Hi', images: 0 },
      { role: 'model', text: JSON.stringify(call), images: 0 },
      { role: 'user', text: '', images: 1 },
    ]);
  });

  test('is that of the request within a question for it', () => {
    expect(sizeOf({ model: 'm', generateContentRequest: chat({}) })).toBe(sizeOf(chat({})));
    expect(gemini.count?.peek({ model: 'm', generateContentRequest: { contents: [hi] } })).toBe('m');
    expect(gemini.count?.encode(9)).toEqual({ totalTokens: 9 });
  });

  test('is that of all contents to embed', () => {
    expect(
      gemini.prompt({
        requests: [{ content: { parts: [{ text: 'a' }] } }, { content: { parts: [{ text: 'b' }] } }],
      }),
    ).toHaveLength(2);
    expect(gemini.prompt({ content: { parts: [{ text: 'a' }] } })).toHaveLength(1);
  });
});
