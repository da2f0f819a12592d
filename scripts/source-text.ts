/** Tells apart the code, the strings and the comments of a TypeScript source, without parsing it. */

export interface SourceText {
  /** The source with strings, regular expressions and comments blanked; every position and line stays. */
  readonly code: string;
  /** The source with everything blanked but its comments. */
  readonly comments: string;
  /** What the source imports or re-exports, with the line of each; a computed name has no `specifier`. */
  readonly imports: readonly { readonly specifier?: string; readonly line: number }[];
}

type Kind = 'code' | 'string' | 'comment';

/** After these a slash begins a regular expression; elsewhere it divides. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|await))\s*$/;

const endOfString = (source: string, start: number, quote: string): number => {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote || source[at] === '\n') return at + 1;
  }
  return source.length;
};

const endOfRegex = (source: string, start: number): number => {
  let inClass = false;
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if ((character === '/' && !inClass) || character === '\n') return at + 1;
  }
  return source.length;
};

const endOf = (source: string, start: number, terminator: string): number => {
  const found = source.indexOf(terminator, start);
  return found === -1 ? source.length : found + terminator.length;
};

/** Walks the source once; `braces` remembers at which depth a template's `${` gives way to its text again. */
const classify = (source: string, paint: (kind: Kind, start: number, end: number) => void): void => {
  const braces: number[] = [];
  let depth = 0;
  let at = 0;
  const template = (start: number): number => {
    let end = start;
    while (end < source.length && source[end] !== '`' && !source.startsWith('${', end))
      end += source[end] === '\\' ? 2 : 1;
    if (source.startsWith('${', end)) {
      braces.push(depth);
      paint('string', start, end + 2);
      return end + 2;
    }
    paint('string', start, end + 1);
    return end + 1;
  };
  const step = (): number => {
    const character = source[at];
    if (source.startsWith('//', at)) {
      const end = source.indexOf('\n', at);
      return paintTo('comment', end === -1 ? source.length : end);
    }
    if (source.startsWith('/*', at)) return paintTo('comment', endOf(source, at + 2, '*/'));
    if (character === '"' || character === "'") return paintTo('string', endOfString(source, at, character));
    if (character === '`') return template(at + 1);
    if (character === '/' && beforeRegex.test(source.slice(Math.max(0, at - 12), at)))
      return paintTo('string', endOfRegex(source, at));
    if (character === '{') depth += 1;
    if (character === '}') {
      if (braces.at(-1) === depth) {
        braces.pop();
        return template(at + 1);
      }
      depth -= 1;
    }
    return at + 1;
  };
  const paintTo = (kind: Kind, end: number): number => {
    paint(kind, at, end);
    return end;
  };
  while (at < source.length) at = step();
};

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** The line, from 1, of a position. */
export const lineAt = (source: string, position: number): number =>
  source.slice(0, position).split('\n').length;

const fromClause = /\b(?:import|export)\b[^;'"`]*?\bfrom\s*(?=['"])|\bimport\s*(?=['"])|\bimport\s*\(\s*/g;

/** Reads one source. */
export const readSource = (source: string): SourceText => {
  const code = source.split('');
  const comments = blank(source).split('');
  classify(source, (kind, start, end) => {
    for (let at = start; at < Math.min(end, source.length); at += 1) {
      if (source[at] === '\n') continue;
      if (kind === 'comment') {
        comments[at] = source[at] ?? ' ';
      }
      // Quotes stay, so that an import can be told from a mention of one.
      const atEdge = kind === 'string' && (at === start || at === end - 1);
      if (!(atEdge && /['"`]/.test(source[at] ?? ''))) code[at] = ' ';
    }
  });
  const plain = code.join('');
  const imports = [...plain.matchAll(fromClause)].map((match) => {
    const line = lineAt(source, match.index);
    const literal = /^(['"])([^'"]*)\1/.exec(source.slice(match.index + match[0].length));
    return literal?.[2] === undefined ? { line } : { specifier: literal[2], line };
  });
  return { code: plain, comments: comments.join(''), imports };
};
