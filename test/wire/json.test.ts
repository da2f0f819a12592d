import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { asObject, type Json } from '../../src/spec/json.ts';
import { InvalidJson, parseBody, parseJson, tryParseJson } from '../../src/wire/json.ts';
import { findJsonFault } from '../../src/wire/json-fault.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const limits = { maxDepth: 64 };
const parse = (text: string): Json => parseBody(encodeUtf8(text), limits).value;

/** Valid JSON with bytes cut out, doubled or replaced: mostly broken, sometimes still valid. */
const damagedJson: fc.Arbitrary<string> = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('', '"', '\\', ',', ':', '{', '}', '[', ']', '0', '-', 'e', '.', ' ', '\n', 'é'),
      ),
    ),
  )
  .map(([text, damages]) =>
    damages.reduce((damaged, [position, by]) => {
      const at = position % (damaged.length + 1);
      return damaged.slice(0, at) + by + damaged.slice(at + 1);
    }, text),
  );

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('parseJson', () => {
  const faults: readonly (readonly [string, string])[] = [
    ['', 'the text is empty at byte 0'],
    ['  ', 'the text ends too early at byte 2'],
    ['{"a":1', 'the text ends too early at byte 6'],
    ['{"a" 1}', 'a colon is expected at byte 5'],
    ['{"a":}', 'a value is expected at byte 5'],
    ['{"a":1 "b":2}', 'a comma or a closing bracket is expected at byte 7'],
    ['{"a":1,}', 'a name in double quotes is expected at byte 7'],
    ["{'a':1}", 'a name in double quotes or a closing brace is expected at byte 1'],
    ['{a:1}', 'a name in double quotes or a closing brace is expected at byte 1'],
    ['[1,]', 'a value is expected at byte 3'],
    ['[,1]', 'a value or a closing bracket is expected at byte 1'],
    ['[1}', 'a comma or a closing bracket is expected at byte 2'],
    ['{} {}', 'nothing may follow the value at byte 3'],
    ['{}x', 'nothing may follow the value at byte 2'],
    ['nul', 'a value is expected at byte 0'],
    ['NaN', 'a value is expected at byte 0'],
    ['undefined', 'a value is expected at byte 0'],
    ['01', 'the number is not valid at byte 0'],
    ['[1.]', 'the number is not valid at byte 1'],
    ['[-]', 'the number is not valid at byte 1'],
    ['"abc', 'the string has no end at byte 0'],
    ['["a\nb"]', 'a control character in a string must be escaped at byte 3'],
    ['["\\x"]', 'the escape is not known at byte 3'],
    ['["\\u12g4"]', 'the escape needs four hexadecimal digits at byte 6'],
    ['["\\u12', 'the string has no end at byte 1'],
    ['["é€😀" 1]', 'a comma or a closing bracket is expected at byte 13'],
    ['event: x', 'a value is expected at byte 0'],
    ['<html>', 'a value is expected at byte 0'],
  ];

  test.each(faults)('%p is refused with what is wrong and where', (text, message) => {
    expect(() => parseJson(text)).toThrow(new InvalidJson(message));
    expect(() => parse(text)).toThrow(new InvalidJson(message));
    expect(tryParseJson(text)).toBeUndefined();
  });

  test('every value is read as the language reads it, members named __proto__ apart', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected = JSON.parse(text, (name, value) => (name === '__proto__' ? undefined : value));
        expect(parseJson(text)).toEqual(expected);
        expect(tryParseJson(text)).toEqual(expected);
        expect(parse(text)).toEqual(expected);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a fault is found exactly where the language refuses the text', () => {
    fc.assert(
      fc.property(damagedJson, (text) => {
        expect(findJsonFault(encodeUtf8(text)) === undefined).toBe(isJson(text));
      }),
      { numRuns: propertyRuns },
    );
  });

  test('no message quotes the body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (secret) => {
        try {
          parseJson(`{"key":${secret}`);
        } catch (error) {
          expect(String(error)).toMatch(/^InvalidJson: [a-z ]+ at byte \d+$/);
        }
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a million brackets are an error or a value, never a crash', () => {
    const open = '['.repeat(1_000_000);
    expect(tryParseJson(open)).toBeUndefined();
    expect(() => parseJson(open)).toThrow(InvalidJson);
    try {
      expect(Array.isArray(parseJson(open + ']'.repeat(1_000_000)))).toBe(true);
    } catch (error) {
      expect(error).toEqual(new InvalidJson('nested too deeply'));
    }
  });
});

describe('members named __proto__', () => {
  const spellings = [
    '"__proto__"',
    '"\\u005f_proto__"',
    '"__prot\\u006F__"',
    '"\\u005F\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f"',
  ];

  test.each(spellings)('%s is removed at any depth and everything else stays', (spelling) => {
    const text = `{"a":[{${spelling}:{"admin":true},"b":1}],${spelling}:null,"c":{${spelling}:[]}}`;
    const expected = { a: [{ b: 1 }], c: {} };
    for (const value of [parse(text), parseJson(text), tryParseJson(text)]) {
      expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
      const copy: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(asObject(value) ?? {})) copy[name] = member;
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    }
  });

  test('names and texts that only contain the word stay', () => {
    const text = '{"__proto__x":1,"a":"__proto__","constructor":{"prototype":1},"caf\\u00e9":2}';
    expect(JSON.stringify(parse(text))).toBe(
      '{"__proto__x":1,"a":"__proto__","constructor":{"prototype":1},"café":2}',
    );
  });
});

describe('parseBody', () => {
  test('64 levels are taken and 65 are refused before the parser runs', () => {
    expect(parse('['.repeat(64) + ']'.repeat(64))).toBeArray();
    expect(() => parse('['.repeat(65) + ']'.repeat(65))).toThrow(
      new InvalidJson('nested deeper than 64 levels'),
    );
    expect(() => parse('{"a":'.repeat(65))).toThrow(new InvalidJson('nested deeper than 64 levels'));
  });

  test('siblings do not add up to depth', () => {
    expect(parse(`[${'[{}],'.repeat(1000)}0]`)).toHaveLength(1001);
  });

  test('brackets inside strings are not nesting', () => {
    const text = JSON.stringify({
      a: '['.repeat(100),
      '{{{': `"${'{'.repeat(100)}\\"[[`,
      b: `\\${'['.repeat(100)}`,
    });
    expect(parseBody(encodeUtf8(text), { maxDepth: 1 }).value).toEqual(JSON.parse(text));
  });

  test('the depth of any value is counted exactly', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6, stringUnit: fc.constantFrom('[', '{', '"', '\\', ']', 'x') }),
        (text) => {
          const bytes = encodeUtf8(text);
          const depth = depthOf(JSON.parse(text));
          expect(parseBody(bytes, { maxDepth: depth }).value).toEqual(JSON.parse(text));
          if (depth > 0) expect(() => parseBody(bytes, { maxDepth: depth - 1 })).toThrow(InvalidJson);
        },
      ),
      { numRuns: propertyRuns },
    );
  });

  test('a byte order mark before the value is allowed and counted', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
    expect(() => parse('\ufeff{"a":}')).toThrow(new InvalidJson('a value is expected at byte 8'));
  });

  test('bytes that are not UTF-8 become replacement characters', () => {
    expect(parseBody(new Uint8Array([0x22, 0xff, 0x22]), limits).value).toBe('\ufffd');
  });

  test('an ordinary body has no large strings', () => {
    expect(parseBody(encodeUtf8('{"a":"b"}'), limits).large).toBeUndefined();
  });

  test('damaged bodies throw InvalidJson and nothing else', () => {
    fc.assert(
      fc.property(damagedJson, (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidJson);
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
