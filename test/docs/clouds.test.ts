/** What the page on the simulator says of `pointsman demo --clouds`. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type Demo, startDemo } from './commands.ts';
import { pageAt } from './pages.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo('--clouds');
});
afterAll(() => demo.pointsman.stop());

interface Backend {
  readonly backend: string;
  readonly zone: string;
  readonly simulated: boolean;
}

const providers = ['openai', 'anthropic', 'gemini'];

describe('the demo with providers', () => {
  test('marks them as simulated, beside the three hosts', async () => {
    const health = (await (await fetch(`${demo.pointsman.origin}/health`)).json()) as {
      readonly backends: readonly Backend[];
    };
    expect(health.backends.map(({ backend }) => backend)).toEqual(['gpu', 'cpu', 'container', ...providers]);
    expect(health.backends.every(({ simulated }) => simulated)).toBe(true);
  });

  test('has the models the page names', async () => {
    const rows = pageAt('docs/simulator.md').text.matchAll(
      /^\| `(openai|anthropic|gemini)` .* \| (.+) \|$/gm,
    );
    const shown = [...rows].map(([, id = '', models = '']) => [id, models.split(', ').toSorted()]);
    const { models } = (await (await fetch(`${demo.pointsman.origin}/api/v1/models/backends`)).json()) as {
      readonly models: readonly {
        readonly model: string;
        readonly backends: readonly { backend: string }[];
      }[];
    };
    const had = (id: string): readonly string[] =>
      models
        .filter(({ backends }) => backends.some(({ backend }) => backend === id))
        .map(({ model }) => model)
        .toSorted();
    expect(shown).toEqual(providers.map((id) => [id, [...had(id)]]));
  });

  test('lets a client of one provider reach the models of another', async () => {
    const { origin } = demo.pointsman;
    const anthropic = new Anthropic({ baseURL: origin, apiKey: 'unused', maxRetries: 0 });
    const message = await anthropic.messages.create({
      model: 'gpt-4o',
      max_tokens: 30,
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(message.content[0]).toMatchObject({ text: expect.stringContaining('gpt-4o on openai') });
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', maxRetries: 0 });
    const chat = await openai.chat.completions.create({
      model: 'gemini-2.5-flash',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(chat.choices[0]?.message.content).toContain('gemini-2.5-flash on gemini');
  });
});
