import { describe, expect, test } from 'bun:test';
import { joinBytes } from '../../src/wire/join-bytes.ts';

describe('bytes that are joined', () => {
  test('stand in their order', () => {
    const joined = joinBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('are not copied where there is one piece alone', () => {
    const piece = Uint8Array.of(1, 2);
    expect(joinBytes([piece])).toBe(piece);
  });

  test('are empty where there are none', () => {
    expect(joinBytes([])).toHaveLength(0);
  });
});
