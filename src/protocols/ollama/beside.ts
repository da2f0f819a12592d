/** What Pointsman adds to an NDJSON stream beside the answer. May import spec and wire. */

import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Stamp } from '../protocol.ts';

/** An empty delta: NDJSON has no comments, and clients fail on blank lines. */
export const heartbeat = (model: string, operation: 'chat' | 'complete', stamp: Stamp): Uint8Array => {
  const delta = operation === 'chat' ? '"message":{"role":"assistant","content":""}' : '"response":""';
  return encodeUtf8(
    `{"model":${JSON.stringify(model)},"created_at":"${stamp.now()}",${delta},"done":false}\n`,
  );
};

const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Puts facts into the object that `last` ends with; bytes that end otherwise stay as they are. */
export const annotate = (last: Uint8Array, facts: Readonly<Record<string, string>>): Uint8Array => {
  const close = lastVisible(last, last.length);
  if (last[close] !== closeBrace) return last;
  const separator = last[lastVisible(last, close)] === openBrace ? '' : ',';
  const member = encodeUtf8(`${separator}"pointsman":${JSON.stringify(facts)}`);
  const annotated = new Uint8Array(last.length + member.length);
  annotated.set(last.subarray(0, close));
  annotated.set(member, close);
  annotated.set(last.subarray(close), close + member.length);
  return annotated;
};

/** The place of the last byte before `end` that is not white space; -1 where there is none. */
const lastVisible = (bytes: Uint8Array, end: number): number => {
  let index = end - 1;
  while (index >= 0 && (bytes[index] as number) <= 0x20) index -= 1;
  return index;
};
