import { describe, expect, test } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { asJson } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';
import { refused } from '../refused.ts';

const chats = new Map(fixtures('gemini', 'chat').map((fixture) => [fixture.name, bodyOf(fixture)]));

const parsed = (name: string): ChatRequest => gemini.parse(chats.get(name) ?? {}, 'chat');

const chat = (more: JsonObject): ChatRequest =>
  gemini.parse({ model: 'm', stream: false, contents: [{ parts: [{ text: 'Hi' }] }], ...more }, 'chat');

const asked = (...contents: readonly Json[]) => chat({ contents }).messages;

describe('a Gemini request', () => {
  test('keeps everything another dialect can say', () => {
    const { ext: _, messages, tools, ...rest } = parsed('everything');
    expect(asJson(rest)).toEqual({
      model: 'gemini-2.5-flash',
      stream: true,
      toolChoice: { name: 'get_weather' },
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 20,
        maxTokens: 100,
        seed: 7,
        frequencyPenalty: 0.2,
        presencePenalty: 0.1,
        stop: ['END'],
      },
      format: { type: 'schema', schema: { type: 'object' } },
      thinking: true,
      thinkingTokens: 1024,
      logprobs: { top: 3 },
      choices: 1,
      includeUsage: true,
    });
    expect(tools?.map(({ name }) => name)).toEqual(['get_weather', 'now', '']);
    expect(messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
      'user',
    ]);
  });

  test('reads pictures, documents and sound, and keeps what only Google knows beside them', () => {
    expect(asJson(parsed('everything').messages[1]?.content)).toEqual([
      { type: 'text', text: 'What is this, and how is the weather?' },
      { type: 'image', data: 'iVBORw0KGgo=', mediaType: 'image/png' },
      { type: 'document', data: 'JVBERi0x', mediaType: 'application/pdf', name: 'a.pdf' },
      { type: 'audio', data: 'UklGRg==', format: 'wav', ext: { gemini: { videoMetadata: { fps: 1 } } } },
    ]);
  });

  test('keeps thoughts in blocks, calls with their signatures, and results by id', () => {
    const [, , assistant, first, second] = parsed('everything').messages;
    expect(asJson(assistant)).toEqual({
      role: 'assistant',
      content: 'I will look.',
      reasoning: 'Let me see.',
      reasoningBlocks: [{ text: 'Let me see.', signature: { protocol: 'gemini', value: 'YQ==' } }],
      toolCalls: [
        {
          id: 'c1',
          name: 'get_weather',
          arguments: '{"city":"Paris"}',
          signature: { protocol: 'gemini', value: 'Yg==' },
        },
        { id: 'c2', name: 'get_weather', arguments: '{"city":"Rome"}' },
      ],
    });
    expect(asJson(first)).toEqual({
      role: 'tool',
      content: 'sunny',
      toolCallId: 'c1',
      toolName: 'get_weather',
    });
    expect(second).toMatchObject({ content: 'no such city', toolFailed: true });
  });

  test('reads snake case as camel case', () => {
    const { messages, tools, toolChoice, sampling, format, thinking } = parsed('snake-case-throughout');
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(messages[1]?.content).toMatchObject([
      { type: 'image', mediaType: 'image/jpeg' },
      { text: 'What?' },
    ]);
    expect(messages[2]?.toolCalls).toMatchObject([{ name: 'f', signature: { value: 'YQ==' } }]);
    expect(messages[3]).toMatchObject({ content: 'x', toolName: 'f' });
    expect(tools).toMatchObject([{ name: 'f', parameters: { type: 'object' } }]);
    expect(toolChoice).toBe('none');
    expect(sampling).toMatchObject({ maxTokens: 5, topP: 1 });
    expect(format).toEqual({ type: 'schema', schema: { type: 'object' } });
    expect(thinking).toBe('low');
  });

  test('joins the pieces that a client of streams sends back', () => {
    const { messages } = parsed('turns-of-the-model-in-pieces');
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(messages[1]).toMatchObject({
      content: 'Hello',
      toolCalls: [{ arguments: '{"a":1}' }, { arguments: '{"a":2}' }],
    });
    expect(messages.slice(2, 4).map(({ content }) => content)).toEqual(['{"a":1}', '2']);
  });

  test('reads a result as text where it is a wrapped one, else as JSON', () => {
    const results = [
      { result: 'x' },
      { output: 'y' },
      { result: 3 },
      { error: { code: 1 } },
      { a: 1, error: 2 },
    ];
    const messages = asked(
      { role: 'model', parts: results.map(() => ({ functionCall: { name: 'f' } })) },
      { parts: results.map((response) => ({ functionResponse: { name: 'f', response } })) },
    );
    expect(messages.slice(1).map(({ content, toolFailed }) => [content, toolFailed === true])).toEqual([
      ['x', false],
      ['y', false],
      ['{"result":3}', false],
      ['{"code":1}', true],
      ['{"a":1,"error":2}', false],
    ]);
  });

  test('reads plain text that came as data', () => {
    expect(asked({ parts: [{ inlineData: { mimeType: 'text/plain', data: 'Y2Fmw6k=' } }] })).toMatchObject([
      { content: [{ type: 'document', mediaType: 'text/plain', data: 'café' }] },
    ]);
  });

  test.each<readonly [JsonObject, Partial<ChatRequest>]>([
    [{ thinkingBudget: 0 }, { thinking: false }],
    [{ thinkingBudget: -1 }, { thinking: true }],
    [{ thinkingBudget: 512 }, { thinking: true, thinkingTokens: 512 }],
    [{ thinkingLevel: 'HIGH' }, { thinking: 'high' }],
    [{ includeThoughts: true }, { thinking: true }],
    [{ includeThoughts: false }, { thinking: undefined }],
  ])('%j says how hard to think', (thinkingConfig, expected) => {
    const { thinking, thinkingTokens } = chat({ generationConfig: { thinkingConfig } });
    expect({ thinking, thinkingTokens }).toEqual({
      thinking: undefined,
      thinkingTokens: undefined,
      ...expected,
    });
  });

  test.each<readonly [JsonObject, ChatRequest['toolChoice']]>([
    [{ mode: 'AUTO' }, 'auto'],
    [{ mode: 'VALIDATED' }, 'auto'],
    [{ mode: 'NONE' }, 'none'],
    [{ mode: 'ANY' }, 'required'],
    [{ mode: 'ANY', allowedFunctionNames: ['f'] }, { name: 'f' }],
    [{ mode: 'ANY', allowedFunctionNames: ['f', 'g'] }, 'required'],
    [{ mode: 'LATER' }, undefined],
  ])('%j says whether tools are called', (functionCallingConfig, expected) => {
    expect(chat({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(expected);
  });

  test('turns Google’s notation of schemas into JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', nullable: true, format: 'enum', enum: ['a'] },
        list: { type: 'ARRAY', items: { any_of: [{ type: 'INTEGER' }, { type: 'NUMBER' }] }, maxItems: '3' },
        any: { type: 'TYPE_UNSPECIFIED' },
      },
      propertyOrdering: ['type'],
      required: ['type'],
    };
    const [tool] = chat({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }).tools ?? [];
    expect(asJson(tool?.parameters)).toEqual({
      type: 'object',
      properties: {
        type: { type: ['string', 'null'], format: 'enum', enum: ['a'] },
        list: { type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'number' }] }, maxItems: 3 },
        any: {},
      },
      required: ['type'],
    });
  });
});

describe('a Gemini request to another dialect', () => {
  test('names what is lost, field by field, by the paths of its sender', () => {
    const { dropped } = openaiChat.render(parsed('everything'));
    expect(dropped).toEqual(
      expect.arrayContaining([
        'safetySettings',
        'labels',
        'generationConfig.mediaResolution',
        'contents[0].parts[3].videoMetadata',
        'tools[2]',
      ]),
    );
    expect(dropped).not.toContain('contents');
  });

  test('gives calls without ids the ids of their places, and results those of their calls', () => {
    const { body } = openaiChat.render(parsed('turns-of-the-model-in-pieces'));
    expect(body).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', content: 'Hello', tool_calls: [{ id: 'call_0' }, { id: 'call_1' }] },
        { role: 'tool', tool_call_id: 'call_0' },
        { role: 'tool', tool_call_id: 'call_1' },
        { role: 'user', content: 'and?' },
      ],
    });
  });

  test('is refused where the conversation holds code that Google ran', () => {
    for (const other of [openaiChat, ollama]) {
      expect(refused(() => other.render(parsed('code-execution-in-the-history')))?.message).toContain(
        'contents[1].parts[0]',
      );
    }
  });
});
