/**
 * Signatures in the one opaque field this dialect has, `encrypted_content` of a reasoning item: what signs the
 * reasoning it stands with, is all there is of it, or signs the call that follows. May import spec.
 */

import type { Signature } from '../../spec/signature.ts';
import { readSignature as readTag, writeSignature as writeTag } from '../signature-tag.ts';

/** What is signed: the reasoning it stands with, reasoning nobody else can read, or the call behind it. */
export type Signed = 'reasoning' | 'redacted' | 'call';

const marks: readonly (readonly [mark: string, signed: Signed])[] = [
  ['pointsman-redacted:', 'redacted'],
  ['pointsman-call:', 'call'],
];

/** The field's text. What this dialect signed itself stays as its maker wrote it. */
export const writeSignature = (signature: Signature, signed: Signed): string => {
  const [mark] = marks.find(([, marked]) => marked === signed) ?? [''];
  const isOwn = signature.protocol === 'openai-responses' && signed === 'redacted';
  return (isOwn ? '' : mark) + writeTag(signature, 'openai-responses');
};

/** Reads it back; whatever was not written here is this dialect's own, which shows a summary of it or nothing. */
export const readSignature = (
  text: string,
  shown: string,
): { readonly signature: Signature; readonly signed: Signed } => {
  const [mark, signed] = marks.find(([prefix]) => text.startsWith(prefix)) ?? ['', 'reasoning' as const];
  const signature = readTag(text.slice(mark.length), 'openai-responses');
  const isHidden = signature.protocol === 'openai-responses' && signed === 'reasoning' && shown === '';
  return { signature, signed: isHidden ? 'redacted' : signed };
};
