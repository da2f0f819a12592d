/**
 * What each code unit is: a text is read character by character, so every question has to be one look in a table. Pure;
 * imports nothing.
 */

/** A letter of any script. */
export const letter = 1;
/** White space. */
export const space = 2;
/** A comma. */
export const comma = 4;
/** Ends a sentence where white space follows. */
export const stop = 8;
/** Ends a sentence by itself. */
export const end = 16;
/** A question mark of any script; so many bits above the first. */
export const questionBit = 5;
export const question = 1 << questionBit;

/** By code unit. */
export const classes = new Uint8Array(65536);

/** The small letter of each code unit that has one of its own length, else itself. */
export const small = new Uint16Array(65536);

/** Where alphabets with capitals lie. */
const capitals: readonly (readonly [first: number, last: number])[] = [
  [0x41, 0x5a],
  [0xc0, 0x58f],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13ff],
  [0x1c90, 0x1fff],
  [0x2126, 0x2183],
  [0x24b6, 0x24cf],
  [0x2c00, 0x2cff],
  [0xa640, 0xa7ff],
  [0xff21, 0xff3a],
];

const prepareSmall = (): void => {
  for (let code = 0; code < 65536; code += 1) small[code] = code;
  for (const [first, last] of capitals) {
    for (let code = first; code <= last; code += 1) {
      const lower = String.fromCharCode(code).toLowerCase();
      if (lower.length === 1) small[code] = lower.charCodeAt(0);
    }
  }
};

const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 0xaa &&
    code !== 0xab &&
    code !== 0xbb &&
    code !== 0xbf &&
    !(code >= 0x2000 && code < 0x2c00) &&
    !(code >= 0x3000 && code < 0x3040) &&
    !(code >= 0xff00 && code < 0xff20));

/** Fills the tables where they are not filled yet: only those who score have to pay for them. */
export const prepareClasses = (): void => {
  if (classes[97] !== 0) return;
  prepareSmall();
  for (let code = 0xaa; code < 65536; code += 1) if (isLetter(code)) classes[code] = letter;
  for (let code = 97; code <= 122; code += 1) classes[code] = letter;
  for (const code of [9, 10, 11, 12, 13, 32, 0xa0, 0x2028, 0x3000]) classes[code] = space;
  classes[44] = comma;
  for (const code of [33, 46, 63]) classes[code] = stop;
  classes[0x61f] = stop;
  for (const code of [0x3002, 0xff01, 0xff1f]) classes[code] = end;
  for (const code of [63, 0x61f, 0xff1f]) classes[code] = (classes[code] ?? 0) | question;
  classes[10] = space | end;
};
