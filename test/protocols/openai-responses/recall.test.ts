import { describe, expect, test } from 'bun:test';
import { recall } from '../../../src/protocols/openai-responses/recall.ts';
import { refused } from '../refused.ts';

const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' };
const result = { type: 'function_call_output', call_id: 'call_1', output: 'a' };
const reference = { type: 'item_reference', id: 'fc_1' };

const kept = { previous: [], item: (id: string) => (id === 'fc_1' ? call : undefined) };

describe('what a request refers to', () => {
  test('is nothing where it stands alone', () => {
    expect(recall.references({ model: 'm', input: 'Hi', previous_response_id: null })).toBeUndefined();
  });

  test('is an earlier response, or items of any', () => {
    expect(recall.references({ previous_response_id: 'resp_1' })).toEqual({ previous: 'resp_1', items: [] });
    expect(recall.references({ input: [reference, { id: 'fc_2' }] })).toEqual({
      previous: undefined,
      items: ['fc_1', 'fc_2'],
    });
  });

  test('is put in its place, with earlier items before the request’s own', () => {
    const body = { model: 'm', input: [result], previous_response_id: 'resp_1' };
    expect(recall.resolved(body, { ...kept, previous: [call] })).toEqual({ ...body, input: [call, result] });
    expect(recall.resolved({ input: [reference, result] }, kept).input).toEqual([call, result]);
    expect(recall.resolved({ input: 'Go on' }, { ...kept, previous: [call] }).input).toEqual([
      call,
      { type: 'message', role: 'user', content: 'Go on' },
    ]);
  });

  test('that is not kept any more is named', () => {
    const body = { input: ['a', { type: 'item_reference', id: 'gone' }] };
    expect(refused(() => recall.resolved(body, kept))).toMatchObject({
      code: 'invalid_request',
      param: 'input[1].id',
      message: 'item with id "gone" not found',
    });
  });

  test('must hold the call of every result', () => {
    expect(refused(() => recall.resolved({ input: [result] }, kept))).toMatchObject({
      code: 'invalid_request',
      param: 'input[0].call_id',
    });
  });

  test('is kept only where its sender does not forbid it', () => {
    expect(recall.wanted({ input: 'Hi', store: false })).toBeUndefined();
    expect(recall.wanted({ input: 'Hi' })).toEqual([{ type: 'message', role: 'user', content: 'Hi' }]);
  });
});
