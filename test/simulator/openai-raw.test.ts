import { describe, expect, test } from 'bun:test';
import { play } from './play.ts';

const host = () => play({ kind: 'openai-compatible', preset: 'lm-studio', models: ['m=1GiB'] });

describe('what passes as it is', () => {
  test('sound is the same for the same words, and comes in pieces', async () => {
    const one = await host().ask('/v1/audio/speech', {
      model: 'm',
      input: 'hello there',
      response_format: 'wav',
    });
    const two = await host().ask('/v1/audio/speech', {
      model: 'm',
      input: 'hello there',
      response_format: 'wav',
    });
    const other = await host().ask('/v1/audio/speech', { model: 'm', input: 'other words' });
    expect(one.contentType).toBe('audio/wav');
    expect(one.bytes.length).toBe(4400);
    expect(one.bytes).toEqual(two.bytes);
    expect(other.bytes).not.toEqual(one.bytes);
    expect(one.atMs).toBeGreaterThan(one.headersAtMs);
  });

  test('sound that was sent is told by its size', async () => {
    const form = new FormData();
    form.set('file', new File(['x'.repeat(77)], 'a.wav'));
    form.set('model', 'm');
    const request = new Request('http://host/v1/audio/transcriptions', { method: 'POST', body: form });
    const answer = await host().host.fetch(request);
    expect(await answer.json()).toEqual({ text: 'A sound of 77 bytes named a.wav.' });
  });

  test('documents are ranked by the words they share with the query', async () => {
    const { results } = await host().json('/v1/rerank', {
      model: 'm',
      query: 'red cars',
      documents: ['a blue boat', { text: 'Cars that are red' }, 'a red boat'],
      top_n: 2,
    });
    expect(results).toEqual([
      { index: 1, relevance_score: 1 },
      { index: 2, relevance_score: 0.5 },
    ]);
  });

  test('pictures and moderation answer in their shapes', async () => {
    const picture = await host().json('/v1/images/generations', { model: 'm', prompt: 'x', n: 2 });
    expect(picture.data).toHaveLength(2);
    const { results } = await host().json('/v1/moderations', { model: 'm', input: ['peace', 'violence'] });
    expect(results).toMatchObject([{ flagged: false }, { flagged: true }]);
  });

  test('faults and unknown models are told in the words of the host', async () => {
    const { ask, host: simulated } = host();
    expect((await ask('/v1/rerank', { model: 'nobody' })).status).toBe(404);
    simulated.setFault({ fault: 'rate-429', count: 1 });
    expect((await ask('/v1/rerank', { model: 'm' })).status).toBe(429);
    expect((await ask('/v1/rerank', { model: 'm' })).status).toBe(200);
  });
});
