import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { boundaryOf, createFieldFinder } from '../../src/wire/multipart.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const part = (disposition: string, value: string): string =>
  `--XX\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;

const found = (form: string, name = 'model') => {
  const finder = createFieldFinder('XX', name);
  return { state: finder.push(encodeUtf8(form)), value: finder.field()?.value };
};

describe('a field of a form', () => {
  test('is found where it stands, whatever stands before it', () => {
    const file = part('name="file"; filename="a.wav"', '--XX is no boundary\r\n--XY');
    expect(found(`${file}${part('name="model"', 'whisper-1')}--XX--`).value).toBe('whisper-1');
    expect(found(`${part('name=model', 'bare')}--XX--`).value).toBe('bare');
    expect(found(`${part('name="model"', '')}--XX--`).value).toBe('');
    expect(
      found(`--XX\r\nX-Other: 1\r\ncontent-disposition: form-data; NAME="model"\r\n\r\nm\r\n--XX`).value,
    ).toBe('m');
  });

  test('is known before anything behind it has come', () => {
    expect(found(`${part('name="model"', 'whisper-1')}--XX`)).toEqual({ state: 'found', value: 'whisper-1' });
    expect(found(part('name="model"', 'whisper-1'))).toEqual({ state: 'more', value: undefined });
  });

  test('is no file, no name inside another value, and no field of another name', () => {
    for (const disposition of [
      'name="model"; filename="m"',
      'filename="x; name=model"; name="file"',
      'name="x; name=model"',
      'name="models"',
      'filename*=UTF-8\'\'m; name="model"',
    ]) {
      expect(found(`${part(disposition, 'evil')}--XX--`)).toEqual({ state: 'missing', value: undefined });
    }
  });

  test('is not looked for in what is no form', () => {
    expect(found('{"model":"m"}').state).toBe('broken');
    expect(found('--XXno line break').state).toBe('broken');
    expect(found(`--XX\r\n${'x'.repeat(20_000)}`).state).toBe('broken');
  });

  test('is the same however the bytes are cut, and all of them are kept', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\r')),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
        fc.uint8Array({ maxLength: 200 }),
        (value, cuts, file) => {
          const text = `${decodeUtf8(file).replaceAll('\r\n--XX', '')}`;
          const form = encodeUtf8(
            `${part('name="file"; filename="f"', text)}${part('name="model"', value)}--XX--\r\n`,
          );
          const finder = createFieldFinder('XX', 'model');
          let at = 0;
          for (let turn = 0; at < form.length && finder.field() === undefined; turn += 1) {
            const next = at + (cuts[turn % cuts.length] ?? 1);
            finder.push(form.subarray(at, next));
            at = Math.min(next, form.length);
          }
          const field = finder.field();
          expect(field?.value).toBe(value);
          expect(finder.bytes()).toEqual(form.subarray(0, at));
          expect(decodeUtf8(form.subarray(field?.start, field?.end))).toBe(value);
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});

test('a boundary is read as it is written', () => {
  expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc');
  expect(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b;c"')).toBe('a b;c');
  expect(boundaryOf('multipart/form-data')).toBeUndefined();
  expect(boundaryOf('multipart/mixed; boundary=abc')).toBeUndefined();
  expect(boundaryOf('application/json; boundary=abc')).toBeUndefined();
});
