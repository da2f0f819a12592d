import { describe, expect, test } from 'bun:test';
import { checkToolResults } from '../../../src/protocols/ollama/check-tool-results.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { refused } from '../refused.ts';

const user: JsonObject = { role: 'user', content: 'Hi' };
const called = (...calls: readonly JsonObject[]): JsonObject => ({
  role: 'assistant',
  content: '',
  tool_calls: calls,
});
const call = (name: string, id?: string): JsonObject => ({
  ...(id === undefined ? {} : { id }),
  function: { name, arguments: {} },
});
const result = (more: JsonObject = {}): JsonObject => ({ role: 'tool', content: 'x', ...more });

describe('a result of a tool', () => {
  const taken: readonly (readonly [what: string, messages: readonly JsonObject[]])[] = [
    ['by its place', [called(call('f'), call('g')), result(), result()]],
    [
      'by the name of its tool, in any order',
      [called(call('f'), call('g')), result({ tool_name: 'g' }), result()],
    ],
    [
      'by its id',
      [called(call('f', 'a'), call('f', 'b')), result({ tool_call_id: 'b' }), result({ tool_call_id: 'a' })],
    ],
    [
      'by its name where only it has an id',
      [called(call('f')), result({ tool_name: 'f', tool_call_id: 'call_1' })],
    ],
    ['by its place where only the call has an id', [called(call('f', 'a')), result()]],
    [
      'with nothing in the fields that Go leaves empty',
      [called(call('f', '')), result({ tool_name: '', tool_call_id: '' })],
    ],
    ['of an earlier turn than the last', [called(call('f')), user, result(), called(call('f')), result()]],
  ];
  test.each(taken)('is taken %s', (_what, messages) => {
    expect(() => checkToolResults([user, ...messages])).not.toThrow();
  });

  const stray: readonly (readonly [what: string, messages: readonly JsonObject[]])[] = [
    ['without a call', [user, result()]],
    ['before its call', [result(), called(call('f'))]],
    ['for which the one call is answered', [called(call('f')), result(), result()]],
    ['of another tool', [called(call('f')), result({ tool_name: 'g' })]],
    ['of another id', [called(call('f', 'a')), result({ tool_call_id: 'b' })]],
    ['in capitals', [user, result({ role: 'TOOL' })]],
  ];
  test.each(stray)('is refused %s', (_what, messages) => {
    const index = messages.findLastIndex(({ content }) => content === 'x');
    const refusal = refused(() => checkToolResults(messages));
    expect(refusal?.code).toBe('invalid_request');
    expect(refusal?.message).toContain(`messages[${messages[0]?.content === 'x' ? 0 : index}]`);
  });
});
