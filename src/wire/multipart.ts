/**
 * Finds one text field in the beginning of a `multipart/form-data` body, as bytes come. Everything that came is kept, so
 * that it can be sent on; nothing behind the field has to have come. Pure; imports this folder.
 */

import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** A field and where its value stands in the bytes. */
export interface FormField {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** `more`: neither the field nor the end has come; `broken`: it is not a form. */
export type FormState = 'more' | 'found' | 'missing' | 'broken';

/** A push machine over the bytes of a form. */
export interface FieldFinder {
  push(chunk: Uint8Array): FormState;
  readonly field: () => FormField | undefined;
  /** All that came, in one piece. */
  readonly bytes: () => Uint8Array;
}

/** More headers than any part has. */
const maxHeaderBytes = 16 * 1024;
const firstCapacityBytes = 16 * 1024;

/** The boundary that a content type names; undefined where it is no form. */
export const boundaryOf = (contentType: string): string | undefined => {
  if (!/^multipart\/form-data\s*(?:;|$)/i.test(contentType)) return undefined;
  const [, quoted, bare] = /;\s*boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? [];
  return quoted ?? bare;
};

const indexOf = (bytes: Uint8Array, wanted: Uint8Array, from: number): number => {
  const [first = 0] = wanted;
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length += 1;
    if (length === wanted.length) return at;
  }
  return -1;
};

/** One parameter after the other, so that a name inside a quoted value is not taken for one. */
const parameter = /\s*;\s*([\w!#$&+.^`|~*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/y;

/** The name of a part; undefined for a file, or a part without a name. */
const fieldName = (headers: string): string | undefined => {
  const line = headers.split('\r\n').find((each) => /^content-disposition:/i.test(each)) ?? '';
  parameter.lastIndex = line.search(/;|$/);
  let name: string | undefined;
  for (let match = parameter.exec(line); match !== null; match = parameter.exec(line)) {
    const [, key = '', quoted, bare] = match;
    if (key.toLowerCase().startsWith('filename')) return undefined;
    if (key.toLowerCase() === 'name') name ??= quoted ?? bare;
  }
  return name;
};

const lineBreak = 0x0d;
const dash = 0x2d;

/** Looks for the first field of that name. */
export const createFieldFinder = (boundary: string, name: string): FieldFinder => {
  const opening = encodeUtf8(`--${boundary}`);
  const delimiter = encodeUtf8(`\r\n--${boundary}`);
  const blank = encodeUtf8('\r\n\r\n');
  let buffer: Uint8Array = new Uint8Array(firstCapacityBytes);
  let length = 0;
  let state: FormState = 'more';
  let step: 'opening' | 'delimiter' | 'headers' | 'content' = 'opening';
  /** Where the current step begins. */
  let at = 0;
  /** How far its end was looked for in vain. */
  let searched = 0;
  let current: string | undefined;
  let field: FormField | undefined;

  const bytes = (): Uint8Array => buffer.subarray(0, length);

  const keep = (chunk: Uint8Array): void => {
    if (length + chunk.length > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, length + chunk.length));
      larger.set(bytes());
      buffer = larger;
    }
    buffer.set(chunk, length);
    length += chunk.length;
  };

  const go = (next: typeof step, from: number): 'on' => {
    step = next;
    at = from;
    searched = from;
    return 'on';
  };

  /** Where the bytes stand, or -1 with the search remembered. */
  const find = (wanted: Uint8Array): number => {
    const found = indexOf(bytes(), wanted, searched);
    if (found < 0) searched = Math.max(at, length - wanted.length + 1);
    return found;
  };

  const afterDelimiter = (): 'on' | FormState => {
    if (length < at + 2) return 'more';
    if (buffer[at] === dash && buffer[at + 1] === dash) return 'missing';
    // The line break is a part of the search, so that a part without headers is one, too.
    return buffer[at] === lineBreak ? go('headers', at) : 'broken';
  };

  const readHeaders = (): 'on' | FormState => {
    const end = find(blank);
    if (end < 0) return length - at > maxHeaderBytes ? 'broken' : 'more';
    current = fieldName(decodeUtf8(buffer.subarray(at, end)));
    return go('content', end + blank.length);
  };

  const readContent = (): 'on' | FormState => {
    const end = find(delimiter);
    if (end < 0) return 'more';
    if (current === name) {
      field = { value: decodeUtf8(buffer.subarray(at, end)), start: at, end };
      return 'found';
    }
    return go('delimiter', end + delimiter.length);
  };

  const readOpening = (): 'on' | FormState => {
    if (length < opening.length) return 'more';
    return indexOf(buffer.subarray(0, opening.length), opening, 0) === 0
      ? go('delimiter', opening.length)
      : 'broken';
  };

  const steps = {
    opening: readOpening,
    delimiter: afterDelimiter,
    headers: readHeaders,
    content: readContent,
  };

  return {
    push: (chunk) => {
      keep(chunk);
      while (state === 'more') {
        const result = steps[step]();
        if (result === 'on') continue;
        state = result;
        break;
      }
      return state;
    },
    field: () => field,
    bytes,
  };
};
