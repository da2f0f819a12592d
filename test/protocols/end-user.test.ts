import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../src/protocols/anthropic/index.ts';
import { gemini } from '../../src/protocols/gemini/index.ts';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import { openaiResponses } from '../../src/protocols/openai-responses/index.ts';
import type { JsonObject } from '../../src/spec/json.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const chat = (user: string) => openaiChat.parse({ model: 'm', messages, user }, 'chat');
const message = (metadata: JsonObject) =>
  anthropic.parse({ model: 'm', max_tokens: 9, messages, metadata }, 'chat');
const response = openaiResponses.parse({ model: 'm', input: 'Hi', user: 'u-1' }, 'chat');

describe('for whom a caller asks', () => {
  test('is told in the other dialect’s own field', () => {
    expect(anthropic.render(chat('u-1'))).toMatchObject({
      body: { metadata: { user_id: 'u-1' } },
      dropped: [],
    });
    expect(anthropic.render(response)).toMatchObject({ body: { metadata: { user_id: 'u-1' } }, dropped: [] });
    for (const protocol of [openaiChat, openaiResponses])
      expect(protocol.render(message({ user_id: 'u-1' }))).toMatchObject({
        body: { user: 'u-1' },
        dropped: [],
      });
  });

  test('is named by its own field where there is none, or where it is too long', () => {
    for (const protocol of [ollama, gemini]) {
      expect(protocol.render(chat('u-1')).dropped).toEqual(['user']);
      expect(protocol.render(message({ user_id: 'u-1' })).dropped).toEqual(['metadata']);
      expect(protocol.render(response).dropped).toEqual([]);
    }
    expect(openaiChat.render(message({ user_id: 'u'.repeat(65) }))).toMatchObject({ dropped: ['metadata'] });
    expect(anthropic.render(chat('u'.repeat(257)))).toMatchObject({ dropped: ['user'] });
  });

  test('stays as it was sent in its own dialect, whatever stands beside it', () => {
    const long = 'u'.repeat(300);
    expect(openaiChat.render(chat(long))).toMatchObject({ body: { user: long }, dropped: [] });
    const more = { user_id: long, later: 1 };
    expect(anthropic.render(message(more))).toMatchObject({ body: { metadata: more }, dropped: [] });
    expect(openaiChat.render(message(more))).toMatchObject({ dropped: ['metadata'] });
  });
});
