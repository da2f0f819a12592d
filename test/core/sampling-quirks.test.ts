import { describe, expect, test } from 'bun:test';
import { withSampling } from '../../src/core/sampling-quirks.ts';
import type { ChatRequest, Sampling } from '../../src/spec/chat-request.ts';

const request = (sampling: Sampling, more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  stream: false,
  messages: [{ role: 'user', content: 'hi' }],
  sampling,
  includeUsage: false,
  ...more,
});

describe('the wishes of a request', () => {
  const wishes: Sampling = {
    maxTokens: 9,
    temperature: 0.3,
    topP: 0.9,
    topK: 40,
    minP: 0.1,
    repeatPenalty: 1.1,
    frequencyPenalty: 0.5,
    presencePenalty: 0.5,
    stop: ['END'],
  };

  test('stay as they are before a server that takes them', () => {
    const asked = request(wishes);
    expect(withSampling(asked, ['max-completion-tokens'])).toEqual({ request: asked, dropped: [] });
    expect(withSampling(asked, []).request).toBe(asked);
    const plain = request({ maxTokens: 9, stop: ['END'] });
    expect(withSampling(plain, ['no-extra-sampling', 'default-sampling']).request).toBe(plain);
  });

  test('are left out and named where a server does not know them', () => {
    const { request: put, dropped } = withSampling(request(wishes), ['no-extra-sampling']);
    expect(dropped).toEqual(['top_k', 'min_p', 'repeat_penalty']);
    expect(put.sampling).toEqual({
      maxTokens: 9,
      temperature: 0.3,
      topP: 0.9,
      frequencyPenalty: 0.5,
      presencePenalty: 0.5,
      stop: ['END'],
    });
  });

  test('are left out and named where a model chooses its words as it will', () => {
    const asked = request(wishes, { logprobs: {} });
    const { request: put, dropped } = withSampling(asked, ['no-extra-sampling', 'default-sampling']);
    expect([...dropped].sort()).toEqual(
      [
        ...['top_k', 'min_p', 'repeat_penalty', 'temperature', 'top_p'],
        ...['frequency_penalty', 'presence_penalty', 'logprobs'],
      ].sort(),
    );
    expect(put.sampling).toEqual({ maxTokens: 9, stop: ['END'] });
    expect(put.logprobs).toBeUndefined();
  });

  test('are no loss where they are what happens without them', () => {
    const usual: Sampling = {
      temperature: 1,
      topP: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      repeatPenalty: 1,
    };
    const { request: put, dropped } = withSampling(request(usual), ['no-extra-sampling', 'default-sampling']);
    expect({ sampling: put.sampling, dropped }).toEqual({ sampling: {}, dropped: [] });
  });
});
