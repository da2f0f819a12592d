import { describe, expect, test } from 'bun:test';
import type { Json } from '../../src/spec/json.ts';
import { type JsonEdit, spliceJson } from '../../src/wire/splice.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';

const set = (path: string, value: Json): JsonEdit => ({ path: path.split('.'), value });
const remove = (path: string): JsonEdit => ({ path: path.split('.'), value: undefined });

const splice = (text: string, ...edits: readonly JsonEdit[]): string | undefined => {
  const edited = spliceJson(encodeUtf8(text), edits);
  return edited === undefined ? undefined : decodeUtf8(edited);
};

describe('spliceJson', () => {
  const cases: readonly (readonly [string, string, readonly JsonEdit[], string])[] = [
    [
      'replaces a value and keeps its surroundings',
      '{ "model" :\t"a" , "b":1 }\n',
      [set('model', 'x')],
      '{ "model" :\t"x" , "b":1 }\n',
    ],
    [
      'keeps numbers that parsing would change',
      '{"seed":9007199254740993,"a":1.0,"b":1e400,"model":"a"}',
      [set('model', 'bee')],
      '{"seed":9007199254740993,"a":1.0,"b":1e400,"model":"bee"}',
    ],
    ['replaces an object by a text', '{"a":{"b":[1,"}"]},"c":2}', [set('a', 'x')], '{"a":"x","c":2}'],
    ['replaces a text by an object', '{"a":"}","c":2}', [set('a', { b: [1] })], '{"a":{"b":[1]},"c":2}'],
    ['replaces null, which is a value', '{"a":null}', [set('a', 1)], '{"a":1}'],
    ['sets null, which does not delete', '{"a":1}', [set('a', null)], '{"a":null}'],
    ['inserts behind the last member', '{"a":1 }', [set('b', 'é')], '{"a":1,"b":"é" }'],
    ['inserts two members in their order', '{"a":1}', [set('c', 2), set('b', 3)], '{"a":1,"c":2,"b":3}'],
    ['inserts into an empty object', '{ }', [set('a', 1)], '{"a":1 }'],
    ['quotes an inserted name', '{}', [{ path: ['a"b'], value: 1 }], '{"a\\"b":1}'],
    ['deletes the first member', '{"a":1, "b":2}', [remove('a')], '{"b":2}'],
    ['deletes a middle member', '{"a":1, "b":2, "c":3}', [remove('b')], '{"a":1, "c":3}'],
    ['deletes the last member', '{"a":1, "b":2 }', [remove('b')], '{"a":1 }'],
    ['deletes the only member', '{ "a":1 }', [remove('a')], '{  }'],
    ['deletes all members', '{"a":1,"b":2,"c":3}', [remove('a'), remove('c'), remove('b')], '{}'],
    ['deletes the last two members', '{"a":1,"b":2,"c":3}', [remove('b'), remove('c')], '{"a":1}'],
    ['deletes the first and the last member', '{"a":1,"b":2,"c":3}', [remove('c'), remove('a')], '{"b":2}'],
    ['deletes the only member and inserts another', '{"a":1}', [remove('a'), set('b', 2)], '{"b":2}'],
    [
      'deletes the last member and inserts another',
      '{"a":1,"b":2}',
      [remove('b'), set('c', 3)],
      '{"a":1,"c":3}',
    ],
    ['replaces the last member and inserts another', '{"a":1}', [set('c', 3), set('a', 2)], '{"a":2,"c":3}'],
    [
      'replaces, deletes and inserts at once',
      '{"a":1,"b":2,"c":3}',
      [set('d', 4), remove('b'), set('c', 'x')],
      '{"a":1,"c":"x","d":4}',
    ],
    [
      'edits one level deeper',
      '{"options":{"seed":1.0,"num_ctx":2048},"a":1}',
      [set('options.num_ctx', 8192)],
      '{"options":{"seed":1.0,"num_ctx":8192},"a":1}',
    ],
    [
      'edits both levels at once',
      '{"model":"a","options":{"num_gpu":1}}',
      [set('model', 'b'), remove('options.num_gpu'), set('options.num_ctx', 1)],
      '{"model":"b","options":{"num_ctx":1}}',
    ],
    [
      'makes the object that a deeper member needs',
      '{"a":1}',
      [set('options.num_ctx', 1), remove('options.b'), set('options.c', 2)],
      '{"a":1,"options":{"num_ctx":1,"c":2}}',
    ],
    [
      'leaves the same name at another depth alone',
      '{"messages":[{"model":"x"}],"model":"a"}',
      [set('model', 'b')],
      '{"messages":[{"model":"x"}],"model":"b"}',
    ],
    [
      'is not misled by brackets, quotes and backslashes in strings',
      '{"a":"{\\"model\\":1}\\\\","b":["\\\\\\"]"],"model":"m"}',
      [set('model', 'n')],
      '{"a":"{\\"model\\":1}\\\\","b":["\\\\\\"]"],"model":"n"}',
    ],
    ['finds a name beyond ASCII', '{"modèle":1}', [set('modèle', 2)], '{"modèle":2}'],
    [
      'takes a duplicate of a name it does not edit',
      '{"a":1,"a":2,"b":3}',
      [set('b', 4)],
      '{"a":1,"a":2,"b":4}',
    ],
    [
      'takes an escaped name at a depth it does not edit',
      '{"x":{"\\u0061":1},"b":3}',
      [set('b', 4)],
      '{"x":{"\\u0061":1},"b":4}',
    ],
  ];

  test.each(cases)('%s', (_name, text, edits, expected) => {
    expect(splice(text, ...edits)).toBe(expected);
  });

  const unchanged: readonly (readonly [string, string, readonly JsonEdit[]])[] = [
    ['no edits', '{"a":1}', []],
    ['a value that is there already', '{"a": "x", "b":{"c":1}}', [set('a', 'x'), set('b.c', 1)]],
    ['a deletion of what is absent', '{"a":1,"b":{}}', [remove('c'), remove('b.c'), remove('d.e')]],
    ['a deeper deletion where there is no object', '{"options":null}', [remove('options.num_gpu')]],
  ];

  test.each(unchanged)('%s gives the same bytes object', (_name, text, edits) => {
    const bytes = encodeUtf8(text);
    expect(spliceJson(bytes, edits)).toBe(bytes);
  });

  const refused: readonly (readonly [string, string, readonly JsonEdit[]])[] = [
    ['an array', '[{"a":1}]', [set('a', 2)]],
    ['a text', '"a"', [set('a', 2)]],
    ['nothing', '', [set('a', 2)]],
    ['a byte order mark', '\ufeff{"a":1}', [set('a', 2)]],
    ['an escaped name', '{"\\u0061":1}', [set('a', 2)]],
    ['an escaped name beside the edited one', '{"a":1,"\\u0061":1}', [set('a', 2)]],
    ['an escaped name in the deeper object', '{"o":{"\\u0061":1}}', [set('o.a', 2)]],
    ['a duplicate of the edited name', '{"a":1,"a":1}', [set('a', 2)]],
    ['a duplicate of the deleted name', '{"a":1,"a":1}', [remove('a')]],
    ['a duplicate of the outer name', '{"o":{},"o":{}}', [set('o.a', 2)]],
    ['a duplicate in the deeper object', '{"o":{"a":1,"a":1}}', [set('o.a', 2)]],
    ['a deeper edit where there is no object', '{"o":[]}', [set('o.a', 2)]],
    ['two edits of one member', '{"a":1}', [set('a', 2), set('a', 3)]],
    ['two edits of one deeper member', '{"o":{}}', [set('o.a', 2), remove('o.a')]],
    ['an edit inside an edited member', '{"o":{}}', [set('o', 2), set('o.a', 3)]],
    ['a path of no names', '{"a":1}', [{ path: [], value: 1 }]],
    ['a path of three names', '{"a":{"b":{"c":1}}}', [set('a.b.c', 2)]],
    ['text behind the object', '{"a":1}x', [set('a', 2)]],
    ['a second object', '{"a":1}{"a":1}', [set('a', 2)]],
    ['a comma before the end', '{"a":1,}', [set('a', 2)]],
    ['a missing comma', '{"a":1 "b":2}', [set('a', 2)]],
    ['a missing colon', '{"a" 1}', [set('a', 2)]],
    ['a missing value', '{"a":}', [set('a', 2)]],
    ['a missing name', '{:1}', [set('a', 2)]],
    ['a bare name', '{a:1}', [set('a', 2)]],
    ['a word that is no value', '{"a":nul,"b":1}', [set('b', 2)]],
    ['a number that is none', '{"a":01,"b":1}', [set('b', 2)]],
    ['a string without an end', '{"a":1,"b":"x}', [set('a', 2)]],
    ['an array without an end', '{"a":1,"b":[1}', [set('a', 2)]],
  ];

  test.each(refused)('%s is refused', (_name, text, edits) => {
    expect(splice(text, ...edits)).toBeUndefined();
  });

  test('a body that breaks off anywhere is refused', () => {
    const text =
      '{"model":"a","options":{"num_ctx":1,"stop":["\\"}"]},"messages":[{"role":"user"}],"x":-1.5e3}';
    for (let length = 0; length < text.length; length += 1) {
      expect(splice(text.slice(0, length), set('model', 'b'), set('options.num_ctx', 2))).toBeUndefined();
    }
  });

  test('the body given is never written to', () => {
    const bytes = encodeUtf8('{"a":1,"b":2}');
    spliceJson(bytes, [set('a', 'x'), remove('b')]);
    expect(decodeUtf8(bytes)).toBe('{"a":1,"b":2}');
  });
});
