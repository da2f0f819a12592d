import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createUtf8Decoder, decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';
import { chunkSizes, rechunk } from './rechunk.ts';

const decodeChunks = (chunks: readonly Uint8Array[]): string => {
  const decoder = createUtf8Decoder();
  return chunks.map((chunk) => decoder.push(chunk)).join('') + decoder.end();
};

describe('encodeUtf8 and decodeUtf8', () => {
  test('text of all planes survives the way there and back', () => {
    expect(decodeUtf8(encodeUtf8('a é € 😀'))).toBe('a é € 😀');
  });

  test('a lone surrogate is encoded as the replacement character', () => {
    expect([...encodeUtf8('\ud800')]).toEqual([0xef, 0xbf, 0xbd]);
  });

  test('a broken sequence becomes the replacement character and the text goes on', () => {
    expect(decodeUtf8(new Uint8Array([0x61, 0xc3, 0x62]))).toBe('a\ufffdb');
  });

  test('a byte order mark is dropped', () => {
    expect(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('a');
  });
});

describe('createUtf8Decoder', () => {
  test('a character is joined wherever its bytes are split', () => {
    const text = 'aé€😀z';
    const bytes = encodeUtf8(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(decodeChunks([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(text);
    }
  });

  test('a byte order mark split over chunks is dropped at the start', () => {
    expect(decodeChunks([[0xef], [0xbb], [0xbf], [0x61]].map((chunk) => new Uint8Array(chunk)))).toBe('a');
  });

  test('a byte order mark split over chunks further on is text', () => {
    expect(decodeChunks([[0x61], [0xef], [0xbb, 0xbf]].map((chunk) => new Uint8Array(chunk)))).toBe(
      'a\ufeff',
    );
  });

  test('a character that never becomes whole ends as the replacement character', () => {
    expect(decodeChunks([new Uint8Array([0x61, 0xf0, 0x9f])])).toBe('a\ufffd');
  });

  test('any re-chunking of any bytes gives the text of the whole', () => {
    const bytes = fc.array(
      fc.constantFrom(
        0x61,
        0x0a,
        0xc3,
        0xa9,
        0xe2,
        0x82,
        0xac,
        0xf0,
        0x9f,
        0x98,
        0x80,
        0xef,
        0xbb,
        0xbf,
        0xff,
      ),
    );
    fc.assert(
      fc.property(bytes, chunkSizes, (values, sizes) => {
        const whole = new Uint8Array(values);
        expect(decodeChunks(rechunk(whole, sizes))).toBe(decodeUtf8(whole));
      }),
      { numRuns: propertyRuns },
    );
  });
});
