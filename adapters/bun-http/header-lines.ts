/** The lines of a request's headers. Pure; imports nothing. */

/** What the connection says by itself; a caller's word on it is left out. */
const ownNames: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
]);

interface Known {
  /** What its line begins with: empty for a name of the connection. */
  readonly beginning: string;
  /** As it was sent last; most headers never change. */
  value: string | undefined;
  line: string;
}

/** By name; the program knows a handful of them. */
const knownNames = new Map<string, Known>();
const knownNamesLimit = 256;

const knownOf = (name: string): Known => {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError('a header has a name that cannot be sent');
  const beginning = ownNames.has(name.toLowerCase()) ? '' : `${name}: `;
  const known: Known = { beginning, value: undefined, line: '' };
  if (knownNames.size < knownNamesLimit) knownNames.set(name, known);
  return known;
};

/** Any line break would let a value become a header of its own; what is beyond Latin-1 has no byte. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/** Each line with its end; throws a `TypeError`, which holds no value, for what no header can carry. */
export const headerLines = (headers: Readonly<Record<string, string>>): string => {
  let lines = '';
  for (const name in headers) {
    const value = headers[name];
    const known = knownNames.get(name) ?? knownOf(name);
    if (value === undefined || known.beginning === '') continue;
    if (value !== known.value) {
      if (unsendable.test(value)) throw new TypeError('a header has a value that cannot be sent');
      known.value = value;
      known.line = `${known.beginning}${value}\r\n`;
    }
    lines += known.line;
  }
  return lines;
};
