import { describe, expect, test } from 'bun:test';
import { modelRules, rulesFor } from '../../src/core/model-rules.ts';
import { modelSettings } from './model-settings.ts';

const small = modelSettings({
  name: 'Mistral-Small',
  aliases: ['mistral'],
  names: { ollama: 'mistral-small:latest', 'docker-model-runner': 'ai/mistral-small' },
});
const other = modelSettings({ name: 'other', aliases: ['ai/Other'], names: { gpu: 'mistral' } });
const rules = modelRules([small, other]);

describe('what is configured for a model', () => {
  test.each([
    ['mistral-small'],
    ['MISTRAL'],
    ['mistral:latest'],
    ['mistral-small:latest'],
    ['AI/mistral-small'],
  ])('is found when it is asked for as %s', (name) => {
    expect(rulesFor(rules, name, [])).toEqual([small]);
  });

  test('is found by what a host calls it, whatever it was asked for as', () => {
    expect(rulesFor(rules, 'registry/mistral-small', ['ai/mistral-small:latest'])).toEqual([small]);
    expect(rulesFor(rules, 'other', ['mistral', 'other'])).toEqual([other, small]);
  });

  test('is nothing for a model that is not configured', () => {
    expect(rulesFor(rules, 'mistral-small:7b', ['x'])).toEqual([]);
    expect(rulesFor(modelRules([]), 'm', ['m'])).toEqual([]);
    expect(rulesFor(rules, 'constructor', [])).toEqual([]);
  });
});
