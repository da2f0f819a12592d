import { describe, expect, test } from 'bun:test';
import { demoClouds, demoFleet } from '../../src/simulator/fleet.ts';
import { createSimulatedNetwork } from '../../src/simulator/network.ts';
import { createSimulatedHost } from '../../src/simulator/simulated-host.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';

describe('the fleet of the demonstration', () => {
  test('is of three kinds of machine, and one model is on all of them', () => {
    const fleet = demoFleet();
    expect(fleet.map((member) => [member.id, member.lane, member.options.kind])).toEqual([
      ['gpu', 'gpu', 'ollama'],
      ['cpu', 'cpu', 'ollama'],
      ['container', 'container', 'docker-model-runner'],
    ]);
    const onAll = (name: string): boolean =>
      fleet.every((member) => member.options.models?.some((model) => model.endsWith(name)));
    expect(onAll('llama3.2:3b')).toBe(true);
  });

  test('has a provider of each dialect beside it on request, under names of their own', () => {
    const clouds = demoClouds();
    expect(clouds.map(({ options }) => options.kind)).toEqual(['openai', 'anthropic', 'gemini']);
    expect(clouds.every(({ lane, apiKey }) => lane === 'cloud' && apiKey !== undefined)).toBe(true);
    const all = [...demoFleet(), ...clouds];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test('works as a network in memory, where an unknown address refuses', async () => {
    const clock = createVirtualClock();
    const entries = demoFleet().map(
      ({ id, options }) => [`http://${id}`, createSimulatedHost(options, { clock })] as const,
    );
    const fetch = createSimulatedNetwork(Object.fromEntries(entries));
    const signal = new AbortController().signal;
    for (const [origin, path] of [
      ['http://gpu', '/api/chat'],
      ['http://cpu', '/api/chat'],
      ['http://container', '/engines/v1/chat/completions'],
    ]) {
      const body = new TextEncoder().encode(
        JSON.stringify({
          model: 'llama3.2:3b',
          stream: false,
          messages: [{ role: 'user', content: 'hi in 9 words' }],
        }),
      );
      const reply = await clock.until(
        fetch(`${origin}${path}`, { method: 'POST', headers: {}, body, signal }),
      );
      const text = new TextDecoder().decode(await reply.arrayBuffer());
      expect(text).toContain(` on ${origin?.slice('http://'.length)}:`);
    }
    await expect(fetch('http://elsewhere/', { method: 'GET', headers: {}, signal })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

describe('a host in a hurry', () => {
  test('needs no time at all when its speedup is without bound', async () => {
    const clock = createVirtualClock();
    const host = createSimulatedHost({ kind: 'ollama', speedup: Infinity, profile: 'cpu' }, { clock });
    const body = JSON.stringify({
      model: 'qwen3:8b',
      messages: [{ role: 'user', content: 'write 100 words' }],
    });
    const response = await host.fetch(new Request('http://host/api/chat', { method: 'POST', body }));
    expect((await response.text()).trim().split('\n').length).toBeGreaterThan(100);
    expect(clock.now()).toBe(0);
  });

  test('takes a tenth of the time when it is ten times faster', async () => {
    const times: number[] = [];
    for (const speedup of [1, 10]) {
      const clock = createVirtualClock();
      const host = createSimulatedHost({ kind: 'ollama', speedup }, { clock });
      const body = JSON.stringify({
        model: 'llama3.2:3b',
        stream: false,
        messages: [{ role: 'user', content: 'hi' }],
      });
      await clock.until(host.fetch(new Request('http://host/api/chat', { method: 'POST', body })));
      times.push(clock.now());
    }
    expect((times[0] ?? 0) / (times[1] ?? 1)).toBeCloseTo(10, 5);
  });
});
