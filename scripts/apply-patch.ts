/** Reads and applies unified diffs of one file, without git and without guessing: the text around a change must be as it was. */

interface Hunk {
  /** Where the text stood when the patch was made, counted from 0. */
  readonly line: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface Patch {
  /** What stands before the diff. */
  readonly description: string;
  /** The file it is for, from the root. */
  readonly path: string;
  readonly hunks: readonly Hunk[];
}

const heads = /^--- a\/(\S+)\n\+\+\+ b\/(\S+)\n/m;
const hunkHead = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/;

const readHunk = (text: string): Hunk => {
  const [head = '', ...lines] = text.replace(/\n$/, '').split('\n');
  const line = Number(hunkHead.exec(head)?.[1] ?? NaN);
  if (Number.isNaN(line)) throw new Error(`no head of a hunk: ${head}`);
  const unknown = lines.find((each) => !/^[ +-]/.test(each));
  if (unknown !== undefined) throw new Error(`no line of a hunk: ${unknown}`);
  const without = (sign: '+' | '-'): readonly string[] =>
    lines.filter((each) => !each.startsWith(sign)).map((each) => each.slice(1));
  return { line: line - 1, before: without('+'), after: without('-') };
};

/** Reads a patch; throws with a sentence where the text is none, or is for more than one file. */
export const readPatch = (text: string): Patch => {
  const head = heads.exec(text);
  const [all = '', path = '', after] = head ?? [];
  if (head === null || path !== after) throw new Error('no diff of one file');
  const [, ...hunks] = text.slice(head.index + all.length - 1).split(/\n(?=@@ )/);
  if (hunks.length === 0) throw new Error('nothing changes');
  return { description: text.slice(0, head.index).trim(), path, hunks: hunks.map(readHunk) };
};

const standsAt = (lines: readonly string[], wanted: readonly string[], line: number): boolean =>
  wanted.every((each, index) => lines[line + index] === each);

/** Where the hunk's text stands: where it stood, else in the only place it moved to. */
const placeOf = (lines: readonly string[], { before, line }: Hunk, moved: number): number | undefined => {
  if (standsAt(lines, before, line + moved)) return line + moved;
  const places = lines.flatMap((_, index) => (standsAt(lines, before, index) ? [index] : []));
  return places.length === 1 ? places[0] : undefined;
};

/** The text with the patch applied; undefined where what it changes is not there any more. */
export const applyPatch = (source: string, { hunks }: Patch): string | undefined => {
  const lines = source.split('\n');
  let moved = 0;
  for (const hunk of hunks) {
    const place = placeOf(lines, hunk, moved);
    if (place === undefined) return undefined;
    lines.splice(place, hunk.before.length, ...hunk.after);
    moved = place - hunk.line + hunk.after.length - hunk.before.length;
  }
  return lines.join('\n');
};
