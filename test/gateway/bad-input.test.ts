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

  test('is the answer to a part that the dialect behind does not know', async () => {
    for (const [kind, path] of [
      ['ollama', '/v1/chat/completions'],
      ['anthropic', '/v1/chat/completions'],
      ['gemini', '/v1/chat/completions'],
      ['ollama', '/v1/messages'],
      ['openai-compatible', '/v1/messages'],
      ['gemini', '/v1/messages'],
    ] as const) {
      const fleet = await bench({ box: { kind, models: { m: {} } } });
      const response = await fleet.post(path, asked([{ type: 'hologram' }]));
      expect({ kind, path, status: response.status }).toEqual({ kind, path, status: 400 });
      expect(await response.text()).toContain('messages[0].content[0]');
    }
  });
});
