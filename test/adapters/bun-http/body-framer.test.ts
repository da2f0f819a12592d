import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createBodyFramer } from '../../../adapters/bun-http/body-framer.ts';
import type { BodyFraming } from '../../../adapters/bun-http/body-framing.ts';
import { ExchangeError } from '../../../adapters/bun-http/exchange-error.ts';
import { propertyRuns } from '../../property-runs.ts';
import { chunkSizes, rechunk } from '../../wire/rechunk.ts';

interface Framed {
  readonly body: string;
  readonly isDone: boolean;
  readonly hasSurplus: boolean;
}

/** What comes out for bytes that arrive in these pieces; what follows a piece that ended the body is surplus. */
const frame = (framing: BodyFraming, pieces: readonly Uint8Array[]): Framed => {
  const framer = createBodyFramer(framing);
  let body = '';
  let isBehind = false;
  for (const piece of pieces) {
    // The framer may move what it is given.
    if (framer.isDone) isBehind ||= piece.length > 0;
    else body += Buffer.from(framer.push(piece.slice())).toString('latin1');
  }
  return { body, isDone: framer.isDone, hasSurplus: isBehind || framer.hasSurplus };
};

const frameText = (framing: BodyFraming, text: string): Framed =>
  frame(framing, [new Uint8Array(Buffer.from(text, 'latin1'))]);

const whole = { isDone: true, hasSurplus: false };

describe('a body with a length', () => {
  test('ends with its last byte', () => {
    expect(frameText(3, 'ab')).toEqual({ body: 'ab', isDone: false, hasSurplus: false });
    expect(frameText(3, 'abc')).toEqual({ body: 'abc', ...whole });
    expect(frameText(3, 'abcd')).toEqual({ body: 'abc', isDone: true, hasSurplus: true });
  });
});

describe('a body that ends with its connection', () => {
  test('is never done by itself', () => {
    expect(frameText('close', 'abc')).toEqual({ body: 'abc', isDone: false, hasSurplus: false });
  });
});

describe('a body in chunks', () => {
  test('is what is in the chunks, without extensions and trailers', () => {
    expect(frameText('chunked', '3\r\nabc\r\n0A;x="y"\r\n0123456789\r\n0\r\n\r\n')).toEqual({
      body: 'abc0123456789',
      ...whole,
    });
    expect(frameText('chunked', '1 \r\na\r\n000;last\r\nA: b\r\nC: d\r\n\r\n')).toEqual({
      body: 'a',
      ...whole,
    });
  });

  test('is not done before the empty line behind the last chunk', () => {
    expect(frameText('chunked', '1\r\na\r\n0\r\n\r').isDone).toBe(false);
    expect(frameText('chunked', '1\r\na\r\n0\r\nx: y\r\n').isDone).toBe(false);
    expect(frameText('chunked', '1\r\na\r\n').isDone).toBe(false);
  });

  test('tells of bytes behind it', () => {
    expect(frameText('chunked', '0\r\n\r\nH')).toEqual({ body: '', isDone: true, hasSurplus: true });
  });

  test.each([
    'x\r\n',
    '\r\n',
    ';x\r\n',
    '3\nabc\n',
    '3\r\nabcd\r\n',
    '3\r\nabc\n',
    '-3\r\nabc\r\n',
    '0x3\r\nabc\r\n',
    '1111111111111\r\n',
    '3;x\nabc\r\n',
    '0\r\nx: y\n\r\n',
    '0\r\n\rx',
    `3;${'x'.repeat(70_000)}`,
    `0\r\n${'x: y\r\n'.repeat(20_000)}`,
  ])('is refused when its framing is broken: %j', (text) => {
    expect(() => frameText('chunked', text)).toThrow(ExchangeError);
  });

  test('is the same however it is chunked and however it arrives', () => {
    const chunk = fc.record({ text: fc.stringMatching(/^[a-z\r\n0-9]{1,40}$/), extension: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 12 }),
        fc.boolean(),
        chunkSizes,
        (chunks, hasTrailer, sizes) => {
          const framed = chunks.map(
            ({ text, extension }) => `${text.length.toString(16)}${extension ? ';a=b' : ''}\r\n${text}\r\n`,
          );
          const wire = `${framed.join('')}0\r\n${hasTrailer ? 'x: y\r\n' : ''}\r\n`;
          const pieces = rechunk(new Uint8Array(Buffer.from(wire)), sizes);
          const body = chunks.map(({ text }) => text).join('');
          expect(frame('chunked', pieces)).toEqual({ body, ...whole });
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});
