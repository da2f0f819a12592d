import { describe, expect, test } from 'bun:test';
import { createSseFramer } from '../../src/wire/sse.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('createSseFramer', () => {
  test('an event ends at its blank line', () => {
    const framer = createSseFramer();
    expect(framer.push(encode('event: a\ndata: 1\n\ndata: 2'))).toMatchObject([{ event: 'a', data: '1' }]);
    expect(framer.end()).toMatchObject([{ data: '2' }]);
  });
});
