import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { FrameTooLarge } from '../../src/wire/frame-too-large.ts';
import { createNdjsonFramer } from '../../src/wire/ndjson.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';
import { chunkSizes, rechunk, runMachine } from './rechunk.ts';

const read = (...chunks: readonly (string | Uint8Array)[]): readonly string[] =>
  runMachine(
    createNdjsonFramer(),
    chunks.map((chunk) => (typeof chunk === 'string' ? encodeUtf8(chunk) : chunk)),
  );

describe('createNdjsonFramer reads', () => {
  const oddities: readonly (readonly [string, string, readonly string[]])[] = [
    ['lines', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['carriage returns before the newline', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['blank lines and lines of white space', '\n\r\n \t\n{"a":1}\n\n\r\n', ['{"a":1}']],
    ['a last line without its newline', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['a last line that ends in a carriage return', '{"a":1}\r', ['{"a":1}']],
    ['a byte order mark', '\ufeff{"a":1}\n', ['{"a":1}']],
    ['white space around a value', ' {"a":1} \n', [' {"a":1} ']],
    ['characters of two, three and four bytes', '"é"\n"€"\n"😀"\n', ['"é"', '"€"', '"😀"']],
    ['a carriage return inside a line', '{\r"a":1}\n', ['{\r"a":1}']],
    ['nothing', '', []],
  ];

  test.each(oddities)('%s', (_name, text, lines) => {
    expect(read(text)).toEqual([...lines]);
  });

  test.each(oddities)('%s, split at every byte', (_name, text, lines) => {
    const bytes = encodeUtf8(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([...lines]);
    }
  });

  test.each(oddities)('%s, byte by byte with empty chunks between', (_name, text, lines) => {
    const chunks = [...encodeUtf8(text)].flatMap((byte) => [new Uint8Array([byte]), new Uint8Array(0)]);
    expect(read(...chunks)).toEqual([...lines]);
  });
});

describe('createNdjsonFramer', () => {
  test('a line is given with the chunk that ends it, not later', () => {
    const framer = createNdjsonFramer();
    expect(framer.push(encodeUtf8('{"a"'))).toEqual([]);
    expect(framer.push(encodeUtf8(':1}\n{'))).toEqual(['{"a":1}']);
    expect(framer.push(encodeUtf8('}\n'))).toEqual(['{}']);
    expect(framer.end()).toEqual([]);
  });

  test('the caller may overwrite a chunk after it was pushed', () => {
    const framer = createNdjsonFramer();
    const chunk = encodeUtf8('{"a"');
    framer.push(chunk);
    chunk.fill(0x78);
    expect(framer.push(encodeUtf8(':1}\n'))).toEqual(['{"a":1}']);
  });

  test('any chunking gives the non-blank lines of the whole text', () => {
    const piece = fc.constantFrom(
      '\n',
      '\n',
      '\r\n',
      '\r',
      ' ',
      '{"a":1}',
      '"é€😀"',
      '\ufeff',
      'x'.repeat(50),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), chunkSizes, (pieces, sizes) => {
        const text = pieces.join('');
        const expected = text
          .replace(/^\ufeff/, '')
          .split('\n')
          .map((line) => line.replace(/\r$/, ''))
          .filter((line) => /[^ \t\r]/.test(line));
        expect(runMachine(createNdjsonFramer(), rechunk(encodeUtf8(text), sizes))).toEqual(expected);
      }),
      { numRuns: propertyRuns },
    );
  });
});

describe('the limit of createNdjsonFramer', () => {
  const framer = () => createNdjsonFramer({ maxLineBytes: 10 });

  test('8 MiB pass and one byte more does not', () => {
    const open = createNdjsonFramer();
    expect(open.push(new Uint8Array(8 * 1024 * 1024).fill(0x61))).toEqual([]);
    expect(() => open.push(encodeUtf8('a'))).toThrow(FrameTooLarge);
    const exact = createNdjsonFramer();
    exact.push(new Uint8Array(8 * 1024 * 1024).fill(0x61));
    expect(exact.push(encodeUtf8('\n'))[0]).toHaveLength(8 * 1024 * 1024);
  });

  test('it counts bytes, not characters', () => {
    expect(framer().push(encodeUtf8('€€€\n'))).toEqual(['€€€']);
    expect(() => framer().push(encodeUtf8('€€€€\n'))).toThrow(FrameTooLarge);
  });

  test('lines before the long one are given first', () => {
    const open = framer();
    expect(open.push(encodeUtf8(`1\n2\n${'x'.repeat(11)}\n3\n`))).toEqual(['1', '2']);
    expect(() => open.push(encodeUtf8('4\n'))).toThrow(FrameTooLarge);
    expect(() => open.end()).toThrow(FrameTooLarge);
  });

  test('a chunk of many lines may be longer than the limit', () => {
    expect(framer().push(encodeUtf8('1234567890\n'.repeat(20)))).toHaveLength(20);
  });

  test('any chunking gives the same lines and trips or does not', () => {
    const piece = fc.constantFrom('\n', '\n', '1', '22', '333', 'é', '4444444444');
    const outcome = (chunks: readonly Uint8Array[]): readonly string[] => {
      const open = framer();
      const lines: string[] = [];
      try {
        for (const chunk of chunks) lines.push(...open.push(chunk));
        lines.push(...open.end());
      } catch (error) {
        lines.push(error instanceof FrameTooLarge ? 'too large' : 'another error');
      }
      return lines;
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), chunkSizes, (pieces, sizes) => {
        const bytes = encodeUtf8(pieces.join(''));
        expect(outcome(rechunk(bytes, sizes))).toEqual([...outcome([bytes])]);
      }),
      { numRuns: propertyRuns },
    );
  });
});
