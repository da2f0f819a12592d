import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json } from '../../src/spec/json.ts';
import { InvalidJson, parseBody } from '../../src/wire/json.ts';
import { scanJson } from '../../src/wire/json-scan.ts';
import { attachLargeStrings, type Detached, detachLargeStrings } from '../../src/wire/large-strings.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const limits = { maxDepth: 64 };
const image = `iVBORw0KGgo${'ABCD+/09'.repeat(40_000)}=`;

const parseLarge = (value: Json) => parseBody(encodeUtf8(JSON.stringify(value)), limits);

const attached = (value: unknown, large: Detached['large']): unknown =>
  JSON.parse(decodeUtf8(attachLargeStrings(JSON.stringify(value), large)));

/** Detaches already at 200 bytes, so that small bodies show what huge ones would. */
const detach = (bytes: Uint8Array): Detached =>
  detachLargeStrings(bytes, scanJson(bytes, { maxDepth: 64, longStringBytes: 200 }));

describe('a body with a large string', () => {
  test('is parsed with its first 128 characters and a short marker in place', () => {
    const { value, large } = parseLarge({ url: image });
    expect(large).toBeDefined();
    const text = JSON.stringify(value);
    expect(text).toStartWith(`{"url":"${image.slice(0, 128)}`);
    expect(text.length).toBeLessThan(150);
    expect(attached(value, large)).toEqual({ url: image });
  });

  test('never has that string decoded', () => {
    const bytes = encodeUtf8(JSON.stringify({ model: 'é', images: [image, image] }));
    const decode = TextDecoder.prototype.decode;
    let decodedBytes = 0;
    TextDecoder.prototype.decode = function (
      this: TextDecoder,
      ...[input, options]: Parameters<typeof decode>
    ) {
      decodedBytes += input?.byteLength ?? 0;
      return decode.call(this, input, options);
    };
    try {
      const { value, large } = parseBody(bytes, limits);
      attachLargeStrings(JSON.stringify(value), large);
    } finally {
      TextDecoder.prototype.decode = decode;
    }
    expect(decodedBytes).toBeGreaterThan(0);
    expect(decodedBytes).toBeLessThan(400);
  });

  test('may lose the head of what was kept, as of a data URL', () => {
    const { value, large } = parseLarge(`data:image/png;base64,${image}`);
    expect(attached({ images: [String(value).slice('data:image/png;base64,'.length)] }, large)).toEqual({
      images: [image],
    });
  });

  test('may have a head added', () => {
    const { value, large } = parseLarge(image);
    expect(attached(`data:image/png;base64,${value}`, large)).toBe(`data:image/png;base64,${image}`);
  });

  test('may have it moved, swapped, copied and left out', () => {
    const other = `/9j/${image}`;
    const { value, large } = parseLarge([image, other, image]);
    const [first, second] = Array.isArray(value) ? value : [];
    expect(attached({ b: second, a: [first, first] }, large)).toEqual({ b: other, a: [image, image] });
  });

  test('may have it quoted again inside a string of JSON', () => {
    const { value, large } = parseLarge({ file: image });
    expect(attached({ arguments: JSON.stringify(value) }, large)).toEqual({
      arguments: JSON.stringify({ file: image }),
    });
  });

  test('is given back whole when it was rendered without change', () => {
    const bytes = encodeUtf8(JSON.stringify({ a: image, b: 'é', c: [image] }));
    const { value, large } = parseBody(bytes, limits);
    expect(attachLargeStrings(JSON.stringify(value), large)).toEqual(bytes);
  });

  test('may hold private-use characters of its own, written out or escaped', () => {
    const text = `{"a":"\ue000\\ue001\\uE002\ue0030\ue003","b":"${image}"}`;
    const { value, large } = parseBody(encodeUtf8(text), limits);
    expect(attached(value, large)).toEqual(JSON.parse(text));
  });

  test('that uses every private-use character is parsed without detaching', () => {
    const every = Array.from({ length: 6400 }, (_, index) => String.fromCharCode(0xe000 + index)).join('');
    const { value, large } = parseLarge({ every, image });
    expect(large).toBeUndefined();
    expect(value).toEqual({ every, image });
  });

  test('leaves alone what only looks like a marker', () => {
    const { value, large } = parseLarge([image]);
    const mark = large?.mark ?? '';
    expect(mark).toHaveLength(1);
    const texts = [`${mark}7${mark}`, `${mark}${mark}`, `${mark}x`, mark, `${mark}1e0${mark}`];
    expect(attached([...texts, value, mark], large)).toEqual([...texts, [image], mark]);
  });
});

describe('a large string is parsed as any other', () => {
  test('where it holds an escape', () => {
    const { value, large } = parseLarge({ text: `${'x'.repeat(300_000)}\n` });
    expect(large).toBeUndefined();
    expect(value).toEqual({ text: `${'x'.repeat(300_000)}\n` });
  });

  test.each(['é', '\u007f\u0080', '😀'])('where it holds %p', (character) => {
    for (const padding of [0, 1, 2, 3]) {
      const text = `${'x'.repeat(300_000 + padding)}${character}`;
      const { value, large } = parseLarge({ text });
      expect(large).toBeUndefined();
      expect(value).toEqual({ text });
    }
  });

  test('where it is not longer than 256 KiB', () => {
    expect(parseLarge('x'.repeat(256 * 1024)).large).toBeUndefined();
    expect(parseLarge('x'.repeat(256 * 1024 + 1)).large).toBeDefined();
  });

  test('so that a line break in it is still refused', () => {
    for (const control of ['\n', '\u0000', '\u001f']) {
      for (const position of [0, 1, 2, 3, 150_000, 299_997, 299_998, 299_999, 300_000]) {
        const text = 'x'.repeat(position) + control + 'x'.repeat(300_000 - position);
        expect(() => parseBody(encodeUtf8(`["${text}"]`), limits)).toThrow(InvalidJson);
      }
    }
  });
});

describe('attachLargeStrings', () => {
  test('without large strings it only encodes', () => {
    expect(decodeUtf8(attachLargeStrings('{"a":"é"}', undefined))).toBe('{"a":"é"}');
  });

  test('attaching after rendering equals rendering without detaching', () => {
    const long = fc.string({ unit: fc.constantFrom(...'ABCxyz+/= {}[]:,'), minLength: 180, maxLength: 400 });
    const short = fc.string({
      unit: fc.constantFrom('a', 'é', '"', '\\', '\n', '\ue000', '\ue001', '0', '😀'),
    });
    const { value: body } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        long,
        short,
        fc.integer(),
        fc.constant(null),
        tie('array'),
        tie('object'),
      ),
      array: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(fc.oneof(short, long), tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(body, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const detached = detach(encodeUtf8(text));
        const rendered = attachLargeStrings(JSON.stringify(JSON.parse(detached.text)), detached.large);
        expect(decodeUtf8(rendered)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: propertyRuns },
    );
  });
});
