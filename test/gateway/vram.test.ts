import { describe, expect, test } from 'bun:test';
import { freeVramBytes, unseenVram, type Vram, vramAfter, vramWithout } from '../../src/gateway/vram.ts';

const loaded = (name: string, sizeVramBytes: number, sizeBytes = sizeVramBytes) => ({
  name,
  loaded: { sizeBytes, sizeVramBytes },
});

const after = (...looks: readonly Parameters<typeof vramAfter>[1][]): Vram =>
  looks.reduce<Vram>((vram, look) => vramAfter(vram, look), unseenVram);

describe('the free memory of a host', () => {
  test('is unknown until it was seen to be full', () => {
    expect(freeVramBytes(unseenVram)).toBeUndefined();
    expect(freeVramBytes(after([loaded('a', 8)], [loaded('a', 8), loaded('b', 4)]))).toBeUndefined();
    expect(freeVramBytes(after([loaded('a', 8)], []))).toBeUndefined();
  });

  test('is known once a model made way for another', () => {
    const vram = after([loaded('a', 8)], [loaded('b', 5)]);
    expect(freeVramBytes(vram)).toBe(3);
    expect(freeVramBytes(vramAfter(vram, []))).toBe(8);
    expect(freeVramBytes(vramAfter(vram, [loaded('b', 5), loaded('c', 5)]))).toBe(0);
  });

  test('is known once a model lies partly outside', () => {
    expect(freeVramBytes(after([loaded('a', 8, 12)]))).toBe(0);
    expect(freeVramBytes(after([loaded('a', 0, 12)]))).toBeUndefined();
  });

  test('is not learned from a model that was put out by hand', () => {
    const vram = vramWithout(after([loaded('a', 8)]), 'a');
    expect(freeVramBytes(vramAfter(vram, [loaded('b', 5)]))).toBeUndefined();
  });
});
