import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { escapeExpansions, expand } from '../../src/config/expand.ts';
import { from, sources } from './reading.ts';

const expanded = async (text: string) => (await expand(text, sources)).value;

describe('expansion of a text', () => {
  const cases: readonly (readonly [name: string, text: string, value: string])[] = [
    ['a variable gives its value', from('SLOTS'), '4'],
    ['a variable may stand inside a text', `a-${from('SLOTS')}-${from('QUIET')}`, 'a-4-true'],
    ['a default is not needed when the variable is set', from('SLOTS:-9'), '4'],
    ['a default stands in for a variable that is not set', from('UNSET:-a b:c'), 'a b:c'],
    ['a default stands in for an empty variable', from('EMPTY:-x'), 'x'],
    ['an empty variable without default is empty', from('EMPTY'), ''],
    ['a default may be empty', from('UNSET:-'), ''],
    ['the text of a file is trimmed', from('file:/run/secrets/box'), 'sk-from-a-file'],
    ['a doubled dollar escapes', `$${from('SLOTS')}`, from('SLOTS')],
    ['an escape and an expansion may touch', `$${from('SLOTS')}${from('SLOTS')}`, `${from('SLOTS')}4`],
    ['a dollar alone is a dollar', 'a $ b $$ c $VAR', 'a $ b $$ c $VAR'],
    ['what an expansion gives is not expanded again', from('UNSET:-$'), '$'],
  ];
  for (const [name, text, value] of cases) {
    test(name, async () => {
      expect(await expand(text, sources)).toMatchObject({ value, problems: [] });
    });
  }

  const refused: readonly string[] = ['', '1A', 'A-b', 'env.A', 'A:b', 'file:', `A:-${from('B')}`];
  for (const inner of refused) {
    test(`${from(inner)} is refused`, async () => {
      const { problems } = await expand({ a: [from(inner)] }, sources);
      expect(problems).toEqual([
        `a[0]: holds a \${ that is not ${from('VAR')}, ${from('VAR:-default')} or ${from('file:/path')}; write $\${ where it is meant as text`,
      ]);
    });
  }

  test('an expansion that is never closed is refused', async () => {
    expect((await expand({ a: `x \${SLOTS` }, sources)).problems).toHaveLength(1);
  });
});

describe('expansion of a tree', () => {
  test('keys, numbers and other texts stay as they are', async () => {
    const tree = { [from('SLOTS')]: [1, true, null, { a: 'x' }] };
    expect(await expand(tree, sources)).toEqual({ value: tree, places: new Set(), problems: [] });
  });

  test('the expanded places are told', async () => {
    const { places } = await expand({ a: from('SLOTS'), b: { c: ['x', from('SLOTS')] } }, sources);
    expect([...places]).toEqual(['a', 'b.c[1]']);
  });

  test('every problem is told, in the order of the file', async () => {
    const { problems } = await expand(
      { a: from('NONE'), b: from('file:/none'), c: from('ALSO_NONE') },
      sources,
    );
    expect(problems).toEqual([
      'a: the variable NONE is not set and has no default',
      'b: the file "/none" cannot be read',
      'c: the variable ALSO_NONE is not set and has no default',
    ]);
  });

  test('any escaped text expands to itself', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('$', '{', '}', 'A', ':-')).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (plain) => {
        expect(await expanded(escapeExpansions(plain))).toBe(plain);
      }),
    );
  });
});
