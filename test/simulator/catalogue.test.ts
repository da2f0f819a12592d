import { describe, expect, test } from 'bun:test';
import { catalogueNames, simulatedModel } from '../../src/simulator/catalogue.ts';

describe('the catalogue', () => {
  test('a short name stands for the model that registries give for it', () => {
    expect(simulatedModel('llama3.2')?.digest).toBe(simulatedModel('llama3.2:3b')?.digest ?? '');
    expect(simulatedModel('ai/llama3.2:latest')?.parameterSize).toBe('3.2B');
  });

  test('every model in it has what a host needs', () => {
    for (const name of catalogueNames) {
      const model = simulatedModel(name);
      expect(model?.sizeBytes).toBeGreaterThan(100_000_000);
      expect(model?.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(model?.capabilities.length).toBeGreaterThan(0);
    }
  });

  test('any other name works, with a size of its own and abilities its name suggests', () => {
    expect(simulatedModel('mine=4GiB')).toMatchObject({ name: 'mine', sizeBytes: 4 * 1024 ** 3 });
    expect(simulatedModel('bge-m3')?.capabilities).toEqual(['embedding']);
    expect(simulatedModel('deepseek-r1:7b')?.capabilities).toContain('thinking');
    expect(simulatedModel('some-vision=2GiB')?.capabilities).toContain('vision');
  });

  test('a size that is none is no model', () => {
    expect(simulatedModel('mine=big')).toBeUndefined();
    expect(simulatedModel('=4GiB')).toBeUndefined();
    expect(simulatedModel('mine=0')).toBeUndefined();
  });
});
