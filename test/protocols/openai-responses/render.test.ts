import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import { asJson, chatRequest } from '../codec.ts';
import { refused } from '../refused.ts';

const rendered = (fields: Partial<ChatRequest>) => {
  const { body, dropped } = openaiResponses.render({ ...chatRequest, ...fields });
  return { body: asJson(body), dropped };
};

describe('a request of another dialect as one for a response', () => {
  test('keeps nothing on the server', () => {
    expect(rendered({})).toEqual({
      body: {
        model: 'asked/for:this',
        input: [{ type: 'message', role: 'user', content: 'Hi' }],
        store: false,
        stream: true,
      },
      dropped: [],
    });
  });

  test('says turns, calls and results as items, with ids where there are none', () => {
    const { body } = rendered({
      messages: [
        {
          role: 'assistant',
          content: 'I look.',
          reasoning: 'Hm.',
          toolCalls: [{ name: 'f', arguments: '{}' }],
        },
        { role: 'tool', toolName: 'f', content: 'a' },
      ],
    });
    expect(body).toMatchObject({
      input: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { type: 'message', role: 'assistant', content: 'I look.' },
        { type: 'function_call', call_id: 'call_0', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_0', output: 'a' },
      ],
    });
  });

  test('carries its own signatures alone, and names the others', () => {
    const { body, dropped } = rendered({
      messages: [
        {
          role: 'assistant',
          content: 'Hi',
          reasoningBlocks: [
            { text: 'a', signature: { protocol: 'openai-responses', value: 'own' } },
            { text: 'b', signature: { protocol: 'anthropic', value: 'foreign' } },
          ],
        },
      ],
    });
    expect(JSON.stringify(body)).toContain('"encrypted_content":"own"');
    expect(JSON.stringify(body)).not.toContain('foreign');
    expect(dropped).toEqual(['messages[0].reasoning[1].signature']);
  });

  test('names what it cannot say', () => {
    const { dropped } = rendered({
      sampling: { topK: 1, seed: 2, stop: ['END'] },
      keepAlive: '5m',
      contextTokens: 4096,
      choices: 2,
    });
    expect(dropped).toEqual(['top_k', 'seed', 'stop', 'keep_alive', 'options.num_ctx', 'n']);
  });

  test('refuses a raw prompt, and takes a plain one as what a user says', () => {
    const raw = ollama.parse({ model: 'm', prompt: 'x', raw: true }, 'complete');
    expect(refused(() => openaiResponses.render(raw))).toMatchObject({ code: 'unprocessable', param: 'raw' });
    const plain = ollama.parse({ model: 'm', prompt: 'x', system: 's' }, 'complete');
    expect(openaiResponses.render(plain).body).toMatchObject({
      input: [
        { role: 'system', content: 's' },
        { role: 'user', content: [{ type: 'input_text', text: 'x' }] },
      ],
    });
  });
});
