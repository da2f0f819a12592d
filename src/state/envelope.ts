/**
 * A document as it lies in a store: `pointsman/1 <who sealed> <code> <json>`. The code is made with the cluster's secret
 * over key and text, so that only who has the secret can write, and nobody can put one document in another's place;
 * without a secret it still tells a torn text from a whole one. Imports core.
 */

import { documentVersion, maxDocumentLength } from '../core/cluster/document.ts';
import { base32, hmacSha256, sha256 } from '../core/sha256.ts';
import type { JsonObject } from '../spec/json.ts';
import { asObject } from '../spec/json.ts';
import { tryParseJson } from '../wire/json.ts';

/** Why a document is passed over. */
export type Ignored = 'foreign-secret' | 'too-large' | 'other-version' | 'garbage';

export interface Seal {
  seal(key: string, value: JsonObject): string;
  /** The document, or why it is passed over. */
  open(key: string, text: string): { readonly value: JsonObject } | { readonly ignored: Ignored };
}

const name = `pointsman/${documentVersion}`;
const encoder = new TextEncoder();

/** 160 bits: more than anybody can try, and half as long as the whole. */
const codeLength = 32;

/** As fast whatever differs, and where. */
const isSame = (left: string, right: string): boolean => {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index += 1)
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
};

/** Seals and opens with one secret; without one, documents of others without one are taken. */
export const createSeal = (secret: string | undefined): Seal => {
  const mixed = hmacSha256(encoder.encode('pointsman state'))(encoder.encode(secret ?? ''));
  const code = hmacSha256(mixed);
  const sealer = base32(sha256(mixed)).slice(0, 8);
  const codeOf = (key: string, json: string): string =>
    base32(code(encoder.encode(`${key}\n${json}`))).slice(0, codeLength);
  return {
    seal: (key, value) => {
      const json = JSON.stringify(value);
      return `${name} ${sealer} ${codeOf(key, json)} ${json}`;
    },
    open: (key, text) => {
      if (text.length > maxDocumentLength) return { ignored: 'too-large' };
      const parts = /^(pointsman\/\d{1,9}) ([a-z2-7]{8}) ([a-z2-7]{32}) /.exec(text);
      if (parts === null) return { ignored: 'garbage' };
      const [head, version, by = '', written = ''] = parts;
      if (version !== name) return { ignored: 'other-version' };
      if (by !== sealer) return { ignored: 'foreign-secret' };
      const json = text.slice(head.length);
      const value = isSame(written, codeOf(key, json)) ? asObject(tryParseJson(json)) : undefined;
      return value === undefined ? { ignored: 'garbage' } : { value };
    },
  };
};
