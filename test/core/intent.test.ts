import { describe, expect, test } from 'bun:test';
import { type IntentFacts, intended } from '../../src/core/intent.ts';

const known = new Set(['m', 'm:8b', 'odd:fast', 'team/m', 'team/m:heavy']);

const told = (changes: Partial<IntentFacts>) => {
  const { model, intent } = intended({
    model: 'm',
    exists: (name) => known.has(name.toLowerCase()),
    suffixes: 'on',
    body: undefined,
    header: null,
    ...changes,
  });
  return `${model} ${intent}`;
};

describe('the intent of a request', () => {
  test.each([
    [{}, 'm fast'],
    [{ header: 'heavy' }, 'm heavy'],
    [{ header: 'heavy', body: 'fast' }, 'm fast'],
    [{ header: 'heavy', body: null }, 'm heavy'],
    [{ header: 'Heavy', body: undefined }, 'm heavy'],
    [{ model: 'm:heavy' }, 'm heavy'],
    [{ model: 'm:8b:HEAVY' }, 'm:8b heavy'],
    [{ model: 'm:heavy', header: 'fast' }, 'm fast'],
    [{ model: 'm:fast', body: 'heavy', header: 'fast' }, 'm heavy'],
  ] as const)('%j is %s: body before header before suffix', (changes, expected) => {
    expect(told(changes)).toBe(expected);
  });

  test('an exact name wins over a suffix', () => {
    expect(told({ model: 'odd:fast' })).toBe('odd:fast fast');
    expect(told({ model: 'team/m:heavy' })).toBe('team/m:heavy fast');
    expect(told({ model: 'team/m:heavy', header: 'heavy' })).toBe('team/m:heavy heavy');
  });

  test('a name that exists neither with nor without its suffix stays as it was asked', () => {
    expect(told({ model: 'lost:heavy' })).toBe('lost:heavy fast');
    expect(told({ model: ':heavy' })).toBe(':heavy fast');
    expect(told({ model: 'm:8b' })).toBe('m:8b fast');
  });

  test('suffixes that are off are part of the name', () => {
    expect(told({ model: 'm:heavy', suffixes: 'off' })).toBe('m:heavy fast');
  });

  test('existence is asked for names with a suffix only', () => {
    const asked: string[] = [];
    const exists = (name: string): boolean => asked.push(name) < 0;
    told({ model: 'm:8b', exists });
    expect(asked).toEqual([]);
  });

  test.each([
    [{ body: 'sideways' }, 'intent must be one of fast, heavy'],
    [{ body: '' }, 'intent must be one of fast, heavy'],
    [{ body: 7 }, 'intent must be one of fast, heavy'],
    [{ body: ['fast'] }, 'intent must be one of fast, heavy'],
    [{ header: 'haevy' }, 'x-pointsman-intent must be one of fast, heavy (did you mean "heavy"?)'],
    [{ body: 'fast', header: 'x' }, 'x-pointsman-intent must be one of fast, heavy'],
  ] as const)('%j is refused: %s', (changes, message) => {
    expect(() => told(changes)).toThrow(message);
  });
});
