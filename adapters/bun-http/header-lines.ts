/** The lines of a request's headers. Pure; imports nothing. */

/** What the connection says by itself; a caller's word on it is left out. */
const ownNames: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
]);

/** What a line begins with, per name: empty for a name of the connection. The program knows a handful of names. */
const beginnings = new Map<string, string>();
const beginningsLimit = 256;

const beginningOf = (name: string): string => {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError('a header has a name that cannot be sent');
  const beginning = ownNames.has(name.toLowerCase()) ? '' : `${name}: `;
  if (beginnings.size < beginningsLimit) beginnings.set(name, beginning);
  return beginning;
};

/** Any line break would let a value become a header of its own; what is beyond Latin-1 has no byte. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/** Each line with its end; throws a `TypeError`, which holds no value, for what no header can carry. */
export const headerLines = (headers: Readonly<Record<string, string>>): string => {
  let lines = '';
  for (const name in headers) {
    const value = headers[name];
    const beginning = beginnings.get(name) ?? beginningOf(name);
    if (value === undefined || beginning === '') continue;
    if (unsendable.test(value)) throw new TypeError('a header has a value that cannot be sent');
    lines += `${beginning}${value}\r\n`;
  }
  return lines;
};
