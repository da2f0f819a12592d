import { describe, expect, test } from 'bun:test';
import { parseHostOptions } from '../../src/simulator/parse-host-options.ts';

const gib = 1024 ** 3;

describe('the flags of a simulated host', () => {
  test('all of them are read', () => {
    const flags = {
      kind: 'openai-compatible',
      preset: 'vllm',
      name: 'box',
      vram: '24GiB',
      ram: '64GB',
      slots: '2',
      models: 'llama3.2:3b, own=4GiB',
      preload: 'llama3.2:3b',
      profile: 'container',
      engine: 'old',
      fault: 'crash-after:5',
      seed: '7',
      speedup: '2.5',
      version: '0.1.0',
    };
    expect(parseHostOptions(flags)).toEqual({
      options: {
        kind: 'openai-compatible',
        preset: 'vllm',
        name: 'box',
        vramBytes: 24 * gib,
        ramBytes: 64e9,
        slots: 2,
        models: ['llama3.2:3b', 'own=4GiB'],
        preload: ['llama3.2:3b'],
        profile: 'container',
        engine: 'old',
        faults: [{ fault: 'crash-after', after: 5 }],
        seed: 7,
        speedup: 2.5,
        version: '0.1.0',
      },
    });
  });

  test('without any it is an Ollama host', () => {
    expect(parseHostOptions({})).toEqual({ options: { kind: 'ollama' } });
    expect(parseHostOptions({ speedup: 'Infinity' })).toEqual({
      options: { kind: 'ollama', speedup: Infinity },
    });
  });

  const wrong: readonly (readonly [Record<string, string>, string])[] = [
    [{ kind: 'olama' }, "--kind: unknown 'olama' (did you mean 'ollama'?)"],
    [{ profile: 'quantum' }, "--profile: unknown 'quantum' (known: gpu, cpu, container)"],
    [{ fault: 'crash-afte' }, "--fault: unknown 'crash-afte' (did you mean 'crash-after'?)"],
    [{ fault: 'crash-after:x' }, "--fault: 'crash-after:x' must end in a whole number of tokens"],
    [{ vram: 'lots' }, "--vram: 'lots' is no size such as 24GiB"],
    [{ slots: '0' }, "--slots: '0' is no whole number of at least 1"],
    [{ slots: '1.5' }, "--slots: '1.5' is no whole number of at least 1"],
    [
      { models: 'a=huge' },
      "--models: 'a=huge' is no model; write name or name=4GiB, for example llama3.2:3b",
    ],
    [{ models: ',' }, '--models: names no model'],
    [{ slot: '2' }, "--slot: unknown flag (did you mean 'slots'?)"],
    [{ preset: 'vllm' }, '--preset: only for --kind openai-compatible, not for ollama'],
  ];
  for (const [flags, problem] of wrong) {
    test(`is told: ${problem}`, () => {
      expect(parseHostOptions(flags)).toEqual({ problems: [problem] });
    });
  }

  test('every problem is named at once', () => {
    expect(parseHostOptions({ kind: 'x', slots: 'y', fault: 'z' })).toMatchObject({
      problems: { length: 3 },
    });
  });
});
