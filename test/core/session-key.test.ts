import { describe, expect, test } from 'bun:test';
import { sessionKeyOf } from '../../src/core/session-key.ts';

const keyOf = (headers: Record<string, string>, tenant = 'anonymous'): string | undefined =>
  sessionKeyOf({ header: (name) => headers[name] ?? null, tenant });

describe('the session of a request', () => {
  test('is named by our own header before any client’s', () => {
    const own = keyOf({ 'x-pointsman-session': 's1' });
    expect(own).toBeString();
    expect(keyOf({ 'x-openwebui-chat-id': 'c1', 'x-pointsman-session': 's1' })).toBe(own);
    expect(keyOf({ 'x-claude-code-session-id': 'c1', 'x-openwebui-chat-id': 'c2' })).toBe(
      keyOf({ 'x-openwebui-chat-id': 'c2' }),
    );
    expect(keyOf({ 'x-claude-code-session-id': 'c1' })).toBeString();
  });

  test('is not known where no header names one, or a header is empty', () => {
    expect(keyOf({})).toBeUndefined();
    expect(keyOf({ 'x-pointsman-session': '  ' })).toBeUndefined();
    expect(keyOf({ 'x-pointsman-session': '', 'x-openwebui-chat-id': 'c1' })).toBe(
      keyOf({ 'x-openwebui-chat-id': 'c1' }),
    );
  });

  test('is another for another caller and for another header', () => {
    expect(keyOf({ 'x-pointsman-session': '1' }, 'alice')).not.toBe(
      keyOf({ 'x-pointsman-session': '1' }, 'bob'),
    );
    expect(keyOf({ 'x-pointsman-session': '1' })).not.toBe(keyOf({ 'x-openwebui-chat-id': '1' }));
  });

  test('does not show the name it was made from', () => {
    expect(keyOf({ 'x-pointsman-session': 'diary' })).not.toContain('diary');
  });
});
