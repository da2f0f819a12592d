import { describe, expect, test } from 'bun:test';
import { createStoredResponses, type NewResponse } from '../../src/gateway/stored-responses.ts';

const response = (id: string, more: Partial<NewResponse> = {}): NewResponse => ({
  owner: 'me',
  id,
  previous: undefined,
  inputText: JSON.stringify([{ role: 'user', content: `ask ${id}` }]),
  outputItems: [{ id: `msg_${id}`, type: 'message', role: 'assistant', content: `say ${id}` }],
  answer: { id },
  ...more,
});

const store = (limits: { maxBytes?: number; maxKeyBytes?: number; keepMs?: number } = {}) => {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const settings = { maxBytes: 1e6, maxKeyBytes: 1e6, keepMs: 1000, ...limits };
  return { clock, settings, stored: createStoredResponses(clock, () => settings) };
};

const saidIn = (items: readonly unknown[] | undefined): readonly unknown[] | undefined =>
  items?.map((item) => (item as { content: unknown }).content);

/** What one of `response` takes. */
const oneBytes = (): number => {
  const { stored } = store();
  stored.keep(response('1'));
  return stored.sizeBytes();
};

describe('stored responses', () => {
  test('are a conversation, turn by turn', () => {
    const { stored } = store();
    stored.keep(response('1'));
    stored.keep(response('2', { previous: '1' }));
    stored.keep(response('3', { previous: '2' }));
    stored.keep(response('other', { previous: '1' }));
    expect(saidIn(stored.conversation('me', '3'))).toEqual([
      'ask 1',
      'say 1',
      'ask 2',
      'say 2',
      'ask 3',
      'say 3',
    ]);
    expect(saidIn(stored.conversation('me', 'other'))).toEqual(['ask 1', 'say 1', 'ask other', 'say other']);
    expect(saidIn(stored.inputItems('me', '3'))).toEqual(['ask 3']);
    expect(stored.answer('me', '2')).toEqual({ id: '2' });
  });

  test('are seen by the key that made them alone', () => {
    const { stored } = store();
    stored.keep(response('1'));
    expect(stored.answer('you', '1')).toBeUndefined();
    expect(stored.conversation('you', '1')).toBeUndefined();
    expect(stored.item('you', 'msg_1')).toBeUndefined();
    expect(stored.remove('you', '1')).toBe(false);
    expect(stored.item('me', 'msg_1')).toMatchObject({ content: 'say 1' });
  });

  test('cannot be reached by a name made of another key’s', () => {
    const { stored } = store();
    stored.keep(response('1', { owner: 'a\nb' }));
    expect(stored.answer('b', '1\na')).toBeUndefined();
  });

  test('are forgotten after their last use, conversations as a whole', () => {
    const { clock, stored } = store();
    stored.keep(response('1'));
    stored.keep(response('2', { previous: '1' }));
    clock.nowMs = 900;
    expect(stored.conversation('me', '2')).toHaveLength(4);
    clock.nowMs = 1800;
    expect(stored.conversation('me', '2')).toHaveLength(4);
    clock.nowMs = 2800;
    expect(stored.conversation('me', '2')).toBeUndefined();
    expect(stored.sizeBytes()).toBe(0);
  });

  test('make room for new ones, those used longest ago first', () => {
    const { stored } = store({ maxBytes: 2 * oneBytes() });
    stored.keep(response('1'));
    stored.keep(response('2'));
    expect(stored.conversation('me', '1')).toBeDefined();
    stored.keep(response('3'));
    expect(['1', '2', '3'].map((id) => stored.answer('me', id) !== undefined)).toEqual([true, false, true]);
    expect(stored.sizeBytes()).toBe(2 * oneBytes());
  });

  test('of one key leave those of others alone', () => {
    const { stored } = store({ maxKeyBytes: 2 * oneBytes() });
    stored.keep(response('0', { owner: 'you' }));
    for (const id of ['1', '2', '3', '4']) stored.keep(response(id));
    expect(stored.answer('you', '0')).toBeDefined();
    expect(['1', '2', '3', '4'].map((id) => stored.answer('me', id) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('whose beginning is gone cannot be continued', () => {
    const { stored } = store();
    stored.keep(response('1'));
    stored.keep(response('2', { previous: '1' }));
    expect(stored.remove('me', '1')).toBe(true);
    expect(stored.conversation('me', '2')).toBeUndefined();
    expect(stored.answer('me', '2')).toBeDefined();
    stored.keep(response('3', { previous: 'never' }));
    expect(stored.conversation('me', '3')).toBeUndefined();
  });

  test('under one id are one, and none stands before itself', () => {
    const { stored } = store();
    stored.keep(response('1'));
    stored.keep(response('1', { previous: '1' }));
    expect(stored.conversation('me', '1')).toBeUndefined();
    expect(stored.answer('me', '1')).toBeDefined();
    expect(stored.sizeBytes()).toBe(oneBytes());
  });

  test('are none where nothing may be kept', () => {
    const { stored } = store({ maxBytes: 0 });
    stored.keep(response('1'));
    expect(stored.answer('me', '1')).toBeUndefined();
    expect(stored.sizeBytes()).toBe(0);
  });

  test('stay within their bounds whatever comes', () => {
    const { stored, settings } = store({ maxBytes: 5 * oneBytes(), maxKeyBytes: 3 * oneBytes() });
    for (let index = 0; index < 500; index += 1) {
      const owner = `key ${index % 3}`;
      stored.keep(response(String(index), { owner, previous: index > 3 ? String(index - 3) : undefined }));
      expect(stored.sizeBytes()).toBeLessThanOrEqual(settings.maxBytes);
    }
  });
});
