import { describe, expect, test } from 'bun:test';
import { createCallIds } from '../../src/protocols/call-ids.ts';

const call = (name: string, id?: string) => ({ name, arguments: '{}', ...(id === undefined ? {} : { id }) });
const result = (fields: { toolCallId?: string; toolName?: string }) =>
  ({ role: 'tool', content: '', ...fields }) as const;

describe('the ids of calls', () => {
  test('are their own, or made of their place', () => {
    const ids = createCallIds();
    expect([call('f'), call('g', 'own'), call('f')].map((each) => ids.ofCall(each))).toEqual([
      'call_0',
      'own',
      'call_2',
    ]);
    expect(ids.count()).toBe(3);
  });

  test('are found for results by id, by name, and else in their order', () => {
    const ids = createCallIds();
    for (const name of ['f', 'g', 'h']) ids.ofCall(call(name));
    expect(ids.ofResult(result({ toolName: 'g' }))).toBe('call_1');
    expect(ids.ofResult(result({ toolCallId: 'call_2' }))).toBe('call_2');
    expect(ids.ofResult(result({}))).toBe('call_0');
    expect(ids.ofResult(result({}))).toBeUndefined();
    expect(ids.ofResult(result({ toolCallId: 'call_2' }))).toBeUndefined();
  });
});
