import { describe, expect, test } from 'bun:test';
import { framedDecoder } from '../../src/protocols/framed-decoder.ts';

/** Frames are bytes, and 9 is one too long. */
const framer = {
  push: (chunk: Uint8Array): readonly number[] => {
    if (chunk.includes(9)) throw new Error('too long');
    return [...chunk];
  },
  end: (): readonly number[] => [7],
};

const bench = () =>
  framedDecoder<number>({
    framer,
    frame: 'a line',
    reader: {
      read: (frame, events) => events.push({ type: 'text-delta', text: String(frame) }),
      fail: (problem, events) => events.push(problem),
      end: (events) => events.push({ type: 'finish', reason: 'stop' }),
    },
  });

describe('a decoder over frames', () => {
  test('gives the events of each chunk, and what the last frame and the end say at the end', () => {
    const decoder = bench();
    expect(decoder.push(Uint8Array.of(1, 2))).toEqual([
      { type: 'text-delta', text: '1' },
      { type: 'text-delta', text: '2' },
    ]);
    expect(decoder.push(new Uint8Array(0))).toEqual([]);
    expect(decoder.end()).toEqual([
      { type: 'text-delta', text: '7' },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  test('fails where a frame is too long, and keeps the cause', () => {
    const [event] = bench().push(Uint8Array.of(1, 9));
    if (event?.type !== 'error') throw new Error('it did not fail');
    expect(event.error.message).toBe('the engine sent a line beyond the size limit');
    expect(event.error.cause).toEqual(new Error('too long'));
  });
});
