import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const fromChat = (body: JsonObject) => ollama.render(openaiChat.parse({ model: 'm', ...body }, 'chat'));
const fromCompletion = (body: JsonObject) =>
  ollama.render(openaiChat.parse({ model: 'm', ...body }, 'complete'));
const user = { role: 'user', content: 'Hi' };
const plain = { messages: [user] };
const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  type: 'function',
  function: { name, ...more },
});
const parameters = { type: 'object', properties: {} };

describe('a chat of OpenAI for Ollama', () => {
  test('is a chat on the native path, with stream said outright', () => {
    expect(fromChat(plain)).toEqual({
      path: '/api/chat',
      operation: 'chat',
      body: { model: 'm', messages: [user], stream: false },
      dropped: [],
    });
    expect(fromChat({ ...plain, stream: true }).body.stream).toBe(true);
  });

  const fields: [string, JsonObject, JsonObject][] = [
    ['max_tokens', { max_tokens: 5 }, { options: { num_predict: 5 } }],
    [
      'max_completion_tokens before max_tokens',
      { max_tokens: 5, max_completion_tokens: 6 },
      { options: { num_predict: 6 } },
    ],
    ['a limit of -1', { max_tokens: -1 }, {}],
    [
      'temperature and top_p',
      { temperature: 0.2, top_p: 0.5 },
      { options: { temperature: 0.2, top_p: 0.5 } },
    ],
    [
      'seed and penalties',
      { seed: 7, frequency_penalty: 0.1, presence_penalty: 0.2 },
      { options: { seed: 7, frequency_penalty: 0.1, presence_penalty: 0.2 } },
    ],
    [
      'what llama.cpp adds',
      { top_k: 40, min_p: 0.1, repeat_penalty: 1.1 },
      { options: { top_k: 40, min_p: 0.1, repeat_penalty: 1.1 } },
    ],
    ['what vLLM adds', { repetition_penalty: 1.1 }, { options: { repeat_penalty: 1.1 } }],
    ['one stop string', { stop: 'END' }, { options: { stop: ['END'] } }],
    ['stop strings', { stop: ['A', 'B'] }, { options: { stop: ['A', 'B'] } }],
    ['any JSON', { response_format: { type: 'json_object' } }, { format: 'json' }],
    [
      'a schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'r', schema: parameters } } },
      { format: parameters },
    ],
    [
      'a schema as llama.cpp takes it',
      { response_format: { type: 'json_object', schema: parameters } },
      { format: parameters },
    ],
    ['plain text', { response_format: { type: 'text' } }, {}],
    ['no reasoning', { reasoning_effort: 'none' }, { think: false }],
    ['minimal reasoning', { reasoning_effort: 'minimal' }, { think: 'low' }],
    ['high reasoning', { reasoning_effort: 'high' }, { think: 'high' }],
    ['the highest reasoning', { reasoning_effort: 'xhigh' }, { think: 'max' }],
    ['reasoning in the other spelling', { reasoning: { effort: 'low' } }, { think: 'low' }],
    ['logprobs', { logprobs: true, top_logprobs: 3 }, { logprobs: true, top_logprobs: 3 }],
    ['one choice', { n: 1 }, {}],
    ['tools, each with parameters', { tools: [tool('f')] }, { tools: [tool('f', { parameters })] }],
    ['no tools by choice', { tools: [tool('f')], tool_choice: 'none' }, {}],
    [
      'tools by choice',
      { tools: [tool('f', { parameters })], tool_choice: 'auto' },
      { tools: [tool('f', { parameters })] },
    ],
    ['an intent, which is the gateway’s', { intent: 'fast' }, {}],
    ['nulls', { temperature: null, stop: null, tools: null, logit_bias: null, store: null }, {}],
  ];

  test.each(fields)('takes %s', (_name, sent, rendered) => {
    expect(fromChat({ ...plain, ...sent })).toMatchObject({
      body: { model: 'm', messages: [user], stream: false, ...rendered },
      dropped: [],
    });
    expect(Object.keys(fromChat({ ...plain, ...sent }).body).sort()).toEqual(
      ['model', 'messages', 'stream', ...Object.keys(rendered)].sort(),
    );
  });

  const losses: [string, JsonObject, readonly string[]][] = [
    ['several choices', { n: 2 }, ['n']],
    ['a bias and a user', { logit_bias: { '5': 1 }, user: 'u' }, ['logit_bias', 'user']],
    ['a forced call', { tools: [tool('f')], tool_choice: 'required' }, ['tool_choice']],
    ['single calls', { tools: [tool('f')], parallel_tool_calls: false }, ['parallel_tool_calls']],
    ['a strict tool', { tools: [tool('f', { strict: true })] }, ['tools[0].function.strict']],
    ['a tool that is no function', { tools: [tool('f'), { type: 'web_search' }] }, ['tools[1]']],
    ['a named speaker', { messages: [{ ...user, name: 'Bo' }] }, ['messages[0].name']],
    [
      'a cached part',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: {} }] }] },
      ['messages[0].content[0].cache_control'],
    ],
    [
      'the detail of an image',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } }],
          },
        ],
      },
      ['messages[0].content[0].image_url.detail'],
    ],
    ['an effort nobody knows', { reasoning_effort: 'heroic' }, ['reasoning_effort']],
    ['a format nobody knows', { response_format: { type: 'grammar', grammar: 'x' } }, ['response_format']],
  ];

  test.each(losses)('names the loss of %s', (_name, sent, dropped) => {
    expect([...fromChat({ ...plain, ...sent }).dropped]).toEqual([...dropped]);
  });

  test('offers only the tool that was chosen', () => {
    const { body, dropped } = fromChat({
      ...plain,
      tools: [tool('f', { parameters }), tool('g', { parameters })],
      tool_choice: { type: 'function', function: { name: 'g' } },
    });
    expect(body.tools).toEqual([tool('g', { parameters })]);
    expect(dropped).toEqual(['tool_choice']);
  });
});

describe('a completion of OpenAI for Ollama', () => {
  test('is a generate with its suffix', () => {
    expect(
      fromCompletion({
        prompt: 'def',
        suffix: 'end',
        max_tokens: 5,
        logprobs: 2,
        stream: true,
        echo: true,
        best_of: 3,
      }),
    ).toEqual({
      path: '/api/generate',
      operation: 'complete',
      body: {
        model: 'm',
        prompt: 'def',
        suffix: 'end',
        stream: true,
        logprobs: true,
        top_logprobs: 2,
        options: { num_predict: 5 },
      },
      dropped: ['echo', 'best_of'],
    });
  });

  test('may be a list of one prompt', () => {
    expect(fromCompletion({ prompt: ['def'] }).body).toMatchObject({ prompt: 'def', stream: false });
  });

  const unsayable: [string, Json][] = [
    ['several prompts', ['a', 'b']],
    ['tokens', [1, 2]],
    ['lists of tokens', [[1], [2]]],
  ];

  test.each(unsayable)('cannot be %s', (_name, prompt) => {
    expect(refused(() => fromCompletion({ prompt }))).toMatchObject({
      code: 'unprocessable',
      param: 'prompt',
    });
  });
});
