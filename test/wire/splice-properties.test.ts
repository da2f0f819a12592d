import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json } from '../../src/spec/json.ts';
import { type JsonEdit, spliceJson } from '../../src/wire/splice.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const splice = (text: string, edits: readonly JsonEdit[]): string | undefined => {
  const edited = spliceJson(encodeUtf8(text), edits);
  return edited === undefined ? undefined : decodeUtf8(edited);
};

interface Member {
  readonly name: string;
  /** As written, with its white space around the colon. */
  readonly text: string;
  readonly space: readonly [string, string];
}

const space = fc.constantFrom('', '', ' ', '\n  ', '\t', '\r\n');
const names = ['model', 'options', 'num_ctx', 'a', 'é', 'stream', '__proto__x'];
const scalar = fc.constantFrom(
  ...[
    '9007199254740993',
    '1.0',
    '1e400',
    '-0',
    '1E-7',
    'true',
    'false',
    'null',
    '""',
    '"model"',
    '"}"',
    '"\\""',
    '"\\\\"',
  ],
  ...[
    '"é€😀"',
    '"\\ud83d\\ude00"',
    '[]',
    '{}',
    '[ 1.0 , "]" ]',
    '{"model":[{"num_ctx":1.0}]}',
    `"${'x'.repeat(40)}\\\\"`,
  ],
);

const membersOf = (value: fc.Arbitrary<string>): fc.Arbitrary<readonly Member[]> =>
  fc.uniqueArray(
    fc.tuple(fc.constantFrom(...names), value, fc.tuple(space, space), fc.tuple(space, space)).map(
      ([name, raw, around, outside]): Member => ({
        name,
        text: `"${name}"${around[0]}:${around[1]}${raw}`,
        space: outside,
      }),
    ),
    { selector: (member) => member.name, maxLength: names.length },
  );

const write = (members: readonly Member[]): string =>
  `{${members.map((member) => member.space[0] + member.text + member.space[1]).join(',')}}`;

const members = membersOf(fc.oneof(scalar, membersOf(scalar).map(write)));
const value: fc.Arbitrary<Json | undefined> = fc.constantFrom(undefined, null, 8192, 'x"y', { a: [1] });
const anyName = fc.constantFrom(...names, 'new');
const edits: fc.Arbitrary<readonly JsonEdit[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({ path: fc.tuple(anyName), value }),
    fc.record({ path: fc.tuple(fc.constantFrom('options', 'new'), anyName), value }),
  ),
  { selector: (edit) => edit.path.join('.'), maxLength: 4 },
);

/** The edits made on the parsed value: what the bytes must then mean. */
const editValue = (text: string, list: readonly JsonEdit[]): unknown => {
  const root: Record<string, unknown> = JSON.parse(text);
  for (const { path, value: next } of list) {
    const [first = '', second] = path;
    let target = root;
    if (second !== undefined) {
      if (!Object.hasOwn(root, first) && next !== undefined) root[first] = {};
      const inner = root[first];
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue;
      target = Object.fromEntries(Object.entries(inner));
      root[first] = target;
    }
    if (next === undefined) delete target[second ?? first];
    else target[second ?? first] = next;
  }
  return root;
};

/** Whether edits meet in one member, or one needs an object where the body has none. */
const mustRefuse = (text: string, list: readonly JsonEdit[]): boolean => {
  const root: Record<string, unknown> = JSON.parse(text);
  const sets = new Set(
    list
      .filter(({ path, value: next }) => path.length === 2 && next !== undefined)
      .map(({ path }) => path[0]),
  );
  const outer = new Set(list.filter(({ path }) => path.length === 1).map(({ path }) => path[0]));
  return list.some(({ path: [first = '', second] }) => {
    if (second === undefined) return false;
    const inner = root[first];
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return outer.has(first) || (sets.has(first) && Object.hasOwn(root, first) && !isObject);
  });
};

describe('for any body and any edits', () => {
  test('the result means what editing the parsed value means, and untouched members keep their bytes', () => {
    fc.assert(
      fc.property(members, edits, (list, changes) => {
        const text = write(list);
        const result = splice(text, changes);
        expect(result === undefined).toBe(mustRefuse(text, changes));
        if (result === undefined) return;
        expect(JSON.parse(result)).toEqual(editValue(text, changes));
        let from = 0;
        for (const member of list) {
          if (changes.some(({ path }) => path[0] === member.name)) continue;
          const at = result.indexOf(member.text, from);
          expect(at).toBeGreaterThan(0);
          from = at + member.text.length;
        }
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a replaced value changes its own bytes only', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.constantFrom('x', 8192, null), (list, pick, next) => {
        const target = list[pick % Math.max(1, list.length)];
        if (target === undefined) return;
        const written = target.text.slice(0, target.text.search(/(?<=:\s*)[^\s:]/)) + JSON.stringify(next);
        const expected = list.map((member) => (member === target ? { ...member, text: written } : member));
        expect(splice(write(list), [{ path: [target.name], value: next }])).toBe(write(expected));
      }),
      { numRuns: propertyRuns },
    );
  });

  test('damage never crashes it, and a body that is still JSON is edited rightly', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '"', '\\', ',', ':', '{', '}', '[', ']', '0', '\\u0061', 'x'),
    );
    fc.assert(
      fc.property(members, edits, damage, (list, changes, [position, by]) => {
        const whole = write(list);
        const at = position % whole.length;
        const text = decodeUtf8(encodeUtf8(whole.slice(0, at) + by + whole.slice(at + 1)));
        const result = splice(text, changes);
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        if (parsed && result !== undefined) expect(JSON.parse(result)).toEqual(editValue(text, changes));
      }),
      { numRuns: propertyRuns },
    );
  });
});
