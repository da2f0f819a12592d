import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { analyse, type RequestFacts } from '../../../src/core/analysis/analyse.ts';

const facts = (text: string, more: Partial<RequestFacts> = {}): RequestFacts => ({
  operation: 'chat',
  parts: [{ role: 'user', text, images: 0 }],
  needs: [],
  structured: 'none',
  maxOutputTokens: undefined,
  ...more,
});

/** Code units of all sorts, paired or not. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units));

describe('the analysis of a request', () => {
  test('tells code, mathematics and a translation apart', () => {
    expect(analyse(facts('Write a Python function that reverses a string')).task.value).toBe('code');
    expect(analyse(facts('Solve the equation 3x + 7 = 22')).task.value).toBe('mathematics');
    expect(analyse(facts('Translate into German: the shop is closed')).task.value).toBe('translation');
  });

  test('an embedding is one whatever its text says', () => {
    const { task, output } = analyse(facts('Write a poem', { operation: 'embed' }));
    expect(task).toEqual({ value: 'embedding', confidence: 1 });
    expect(output.value).toBe('vector');
  });

  test('a picture makes it vision, and stands among what goes in', () => {
    const { task, input } = analyse(
      facts('What is this?', {
        needs: ['vision'],
        parts: [{ role: 'user', text: 'What is this?', images: 1 }],
      }),
    );
    expect(task.value).toBe('vision');
    expect(input.value).toEqual(['text', 'image']);
  });

  test('what the request says outright is certain, what its words say is not', () => {
    expect(analyse(facts('hi', { structured: 'schema' })).structured).toEqual({
      value: 'schema',
      confidence: 1,
    });
    expect(analyse(facts('Answer in JSON please')).structured).toEqual({ value: 'json', confidence: 0.5 });
    expect(analyse(facts('hi', { needs: ['tools'] })).tools).toEqual({ value: true, confidence: 1 });
  });

  test('the limit of the caller bounds the expected answer', () => {
    expect(
      analyse(facts('Write a long essay about the sea', { maxOutputTokens: 16 })).outputTokens.value,
    ).toBe(16);
  });

  test('a long system prompt is not what is asked', () => {
    const bare = analyse(facts('Who wrote the Iliad?'));
    const system = {
      role: 'system',
      text: 'Never prove anything that is wrong, except where told. '.repeat(200),
      images: 0,
    };
    const padded = analyse(
      facts('', { parts: [system, { role: 'user', text: 'Who wrote the Iliad?', images: 0 }] }),
    );
    expect(padded.complexity).toEqual(bare.complexity);
    expect(padded.task).toEqual(bare.task);
  });

  test('the parts of one message are one turn', () => {
    const whole = analyse(facts('Solve the equation\n3x + 7 = 22'));
    const parted = analyse(
      facts('', {
        parts: [
          { role: 'user', text: 'Solve the equation', images: 0 },
          { role: 'user', text: '3x + 7 = 22', images: 0 },
        ],
      }),
    );
    expect(parted.complexity).toEqual(whole.complexity);
  });

  test('nothing that a request can hold makes it throw', () => {
    const part = fc.record({
      role: fc.constantFrom('user', 'assistant', 'system', 'tool', 'prompt', 'other'),
      text: anyText,
      images: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const { complexity, inputTokens } = analyse(facts('', { parts }));
        expect(complexity.value).toBeGreaterThanOrEqual(0);
        expect(inputTokens.value).toBeGreaterThan(0);
      }),
    );
    expect(analyse(facts('', { parts: [] })).task.value).toBe('chat');
  });

  test('ten megabytes are read in a bounded part', () => {
    expect(analyse(facts('what is this? '.repeat(700_000))).complexity.value).toBeGreaterThanOrEqual(0);
  });
});
