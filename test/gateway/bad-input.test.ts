import { describe, expect, test } from 'bun:test';
import { bench } from './scripted.ts';

const hello = 'aGVsbG8gd29ybGQ=';
const asked = (content: unknown) => ({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] });
const input = (...items: readonly object[]) => ({ model: 'm', input: items });
const contents = (part: object) => ({ contents: [{ role: 'user', parts: [part] }] });
const url = `data:image/png;base64,${hello}`;
const source = { type: 'base64', media_type: 'image/png', data: hello };
const gemini = '/v1beta/models/m:generateContent';

/** What is wrong, who sends it, and the text that names it. */
const cases: readonly (readonly [what: string, path: string, body: object, named: string])[] = [
  [
    'a result without its call',
    '/v1/chat/completions',
    { model: 'm', messages: [{ role: 'tool', tool_call_id: 'x', content: 'r' }] },
    'messages[0].tool_call_id',
  ],
  [
    'a result that names no call, with none before it',
    '/v1/chat/completions',
    { model: 'm', messages: [{ role: 'tool', content: 'r' }] },
    'messages[0].tool_call_id',
  ],
  [
    'a result without its call',
    '/api/chat',
    {
      model: 'm',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'tool', content: 'r' },
      ],
    },
    'messages[1]',
  ],
  [
    'a result of another tool',
    '/api/chat',
    {
      model: 'm',
      messages: [
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
        { role: 'tool', tool_name: 'g', content: 'r' },
      ],
    },
    'messages[1]',
  ],
  [
    'a result without its call',
    '/v1/messages',
    asked([{ type: 'tool_result', tool_use_id: 'x', content: 'r' }]),
    'messages[0].content[0].tool_use_id',
  ],
  [
    'a result without its call',
    '/v1/responses',
    input({ type: 'function_call_output', call_id: 'x', output: 'r' }),
    'input[0]',
  ],
  [
    'a result without its call',
    gemini,
    contents({ functionResponse: { name: 'f', response: {} } }),
    'contents[0].parts[0]',
  ],
  [
    'an image that is none',
    '/v1/chat/completions',
    asked([{ type: 'image_url', image_url: { url } }]),
    'messages[0].content[0].image_url.url',
  ],
  [
    'an image that is none',
    '/v1/messages',
    asked([{ type: 'image', source }]),
    'messages[0].content[0].source.data',
  ],
  [
    'an image that is none',
    '/v1/responses',
    input({ role: 'user', content: [{ type: 'input_image', image_url: url }] }),
    'input[0].content[0].image_url',
  ],
  [
    'an image that is none',
    gemini,
    contents({ inlineData: { mimeType: 'image/png', data: hello } }),
    'contents[0].parts[0].inlineData.data',
  ],
  [
    'an image that is none',
    '/api/chat',
    { model: 'm', messages: [{ role: 'user', content: 'a', images: [hello] }] },
    'messages[0].images[0]',
  ],
  [
    'a part of no known type',
    '/v1/responses',
    input({ role: 'user', content: [{ type: 'input_hologram' }] }),
    'input[0].content[0]',
  ],
  [
    'a part of no known type',
    '/v1/chat/completions',
    asked([{ type: 'hologram', hologram: {} }]),
    'messages[0].content[0]',
  ],
  ['a part of no known type', '/v1/messages', asked([{ type: 'hologram' }]), 'messages[0].content[0]'],
  ['a part of no known type', gemini, contents({ hologram: {} }), 'contents[0].parts[0]'],
  ['a wrong type', '/v1/chat/completions', { ...asked('a'), temperature: 'hot' }, 'temperature'],
  ['a wrong type', '/v1/messages', { ...asked('a'), max_tokens: 'x' }, 'max_tokens'],
  ['a wrong type', '/v1/responses', { model: 'm', input: 5 }, 'input'],
  ['a wrong type', gemini, { contents: 5 }, 'contents'],
  ['a wrong type', '/api/chat', { ...asked('a'), options: { num_ctx: 'x' } }, 'num_ctx'],
];

const kinds = ['ollama', 'openai-compatible', 'anthropic', 'gemini'];

describe('400 with the field’s path, before anybody is asked,', () => {
  test.each(cases)('is the answer to %s by %s', async (_what, path, body, named) => {
    for (const kind of kinds) {
      const fleet = await bench({ box: { kind, models: { m: {} } } });
      const response = await fleet.post(path, body);
      expect({ kind, status: response.status }).toEqual({ kind, status: 400 });
      expect(await response.text()).toContain(named);
      expect(fleet.script('box').calls).toHaveLength(0);
    }
  });

  const video = { type: 'video_url', video_url: { url: 'https://films.example/a' } };
  const found = { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] };
  const archive = {
    type: 'input_file',
    filename: 'a.zip',
    file_data: 'data:application/zip;base64,UEsDBA==',
  };
  const film = { fileData: { fileUri: 'https://films.example/a' } };

  test.each([
    ['/v1/chat/completions', asked([video]), ['ollama', 'anthropic', 'gemini'], 'messages[0].content[0]'],
    [
      '/v1/messages',
      { ...asked([{ type: 'text', text: 'a' }, found]), system: 'Be brief' },
      ['ollama', 'openai-compatible', 'gemini'],
      'messages[0].content[1]',
    ],
    [
      '/v1/responses',
      {
        ...input({ role: 'user', content: 'a' }, { role: 'user', content: [archive] }),
        instructions: 'Be brief',
      },
      ['anthropic'],
      'input[1].content[0]',
    ],
    [
      gemini,
      {
        contents: [{ role: 'user', parts: [{ text: 'a' }, film] }],
        systemInstruction: { parts: [{ text: 'Be brief' }] },
      },
      ['ollama', 'openai-compatible', 'anthropic'],
      'contents[0].parts[1]',
    ],
  ] as const)(
    'is the answer to a part of %s that the dialect behind has no word for',
    async (path, body, kinds, named) => {
      for (const kind of kinds) {
        const fleet = await bench({ box: { kind, models: { m: {} } } });
        const response = await fleet.post(path, body);
        expect({ kind, status: response.status }).toEqual({ kind, status: 400 });
        expect(await response.text()).toContain(named);
        expect(fleet.script('box').calls).toHaveLength(0);
      }
    },
  );
});
