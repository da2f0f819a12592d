import { describe, expect, test } from 'bun:test';
import { applyPatch, readPatch } from '../../scripts/apply-patch.ts';

const source = ['one', 'two', 'three', 'four', 'five', 'six', ''].join('\n');

const diff = (...lines: readonly string[]): string =>
  ['Swaps numbers.', '', '--- a/src/n.ts', '+++ b/src/n.ts', ...lines, ''].join('\n');

const firstHunk = ['@@ -2,2 +2,3 @@', ' two', '-three', '+drei', '+dreieinhalb'];
const secondHunk = ['@@ -5,2 +6,1 @@', ' five', '-six'];

const applied = (text: string, to = source): string | undefined => applyPatch(to, readPatch(text));

describe('a patch', () => {
  test('says what it is and for which file', () => {
    expect(readPatch(diff(...firstHunk))).toMatchObject({ description: 'Swaps numbers.', path: 'src/n.ts' });
  });

  test('changes what it names and nothing else, in several places', () => {
    expect(applied(diff(...firstHunk))).toBe('one\ntwo\ndrei\ndreieinhalb\nfour\nfive\nsix\n');
    expect(applied(diff(...firstHunk, ...secondHunk))).toBe('one\ntwo\ndrei\ndreieinhalb\nfour\nfive\n');
  });

  test('finds its text where it moved to, all of its parts', () => {
    expect(applied(diff(...firstHunk, ...secondHunk), `zero\n${source}`)).toBe(
      'zero\none\ntwo\ndrei\ndreieinhalb\nfour\nfive\n',
    );
  });

  test('goes to the place it names where its text stands in several', () => {
    expect(applied(diff('@@ -3,1 +3,1 @@', '-same', '+other'), 'same\nx\nsame\n')).toBe('same\nx\nother\n');
  });

  test.each([
    ['is gone', source.replace('three', 'drei')],
    ['is changed beside it', source.replace('two', 'zwei')],
    ['stands in two other places', `zero\n${source}${source}`],
  ])('does not apply where its text %s', (_what, to) => {
    expect(applied(diff(...firstHunk), to)).toBeUndefined();
  });

  test.each([
    ['no diff', 'Swaps numbers.\n'],
    ['a diff of a file that is renamed', diff(...firstHunk).replace('+++ b/src/n.ts', '+++ b/src/m.ts')],
    ['a diff without a change', diff()],
    ['a hunk with a line of another kind', diff(...firstHunk, '*four')],
    ['a hunk without a head', diff('@@ two @@', ' two')],
  ])('is not read out of %s', (_what, text) => {
    expect(() => readPatch(text)).toThrow();
  });
});
