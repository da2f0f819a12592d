/**
 * Signatures in the one opaque field this dialect has, `encrypted_content` of a reasoning item: what signs the
 * reasoning it stands with, or the call that follows. May import spec.
 */

import type { Signature } from '../../spec/signature.ts';
import { readSignature as readTag, writeSignature as writeTag } from '../signature-tag.ts';

/** What is signed: the reasoning it stands with, or the call of a tool that follows it. */
export type Signed = 'reasoning' | 'call';

const callMark = 'pointsman-call:';

/** The field's text. What this dialect signed itself stays as its maker wrote it. */
export const writeSignature = (signature: Signature, signed: Signed): string =>
  (signed === 'call' ? callMark : '') + writeTag(signature, 'openai-responses');

/** Reads it back; whatever was not written here is this dialect's own. */
export const readSignature = (text: string): { readonly signature: Signature; readonly signed: Signed } => {
  const signed = text.startsWith(callMark) ? 'call' : 'reasoning';
  const tag = signed === 'call' ? text.slice(callMark.length) : text;
  return { signature: readTag(tag, 'openai-responses'), signed };
};
