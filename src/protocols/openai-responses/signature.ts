/**
 * What another provider signed, inside the one opaque field this dialect has: `encrypted_content` of a reasoning
 * item. A client gives it back unread, and the provider it came from finds its own. May import spec.
 */

import type { Signature } from '../../spec/signature.ts';
import type { ProtocolId } from '../../spec/vocabulary.ts';

/** What is signed: the reasoning it stands with, or the call of a tool that follows it. */
export type Signed = 'reasoning' | 'call';

const prefix = 'pointsman';
const protocolIds: ReadonlySet<string> = new Set<ProtocolId>([
  'ollama',
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
]);

/** The field's text. What this dialect signed itself stays as its maker wrote it. */
export const writeSignature = ({ protocol, value }: Signature, signed: Signed): string =>
  protocol === 'openai-responses' && signed === 'reasoning'
    ? value
    : `${prefix}:${protocol}:${signed}:${value}`;

/** Reads it back; whatever was not written here is this dialect's own. */
export const readSignature = (text: string): { readonly signature: Signature; readonly signed: Signed } => {
  const [head, protocol = '', signed, ...rest] = text.split(':');
  if (head !== prefix || !protocolIds.has(protocol) || (signed !== 'reasoning' && signed !== 'call')) {
    return { signature: { protocol: 'openai-responses', value: text }, signed: 'reasoning' };
  }
  return { signature: { protocol: protocol as ProtocolId, value: rest.join(':') }, signed };
};
