/** `thoughtSignature`, in which signatures of other providers travel too. May import spec. */

import type { Signature } from '../../spec/signature.ts';
import type { ProtocolId } from '../../spec/vocabulary.ts';

/** No base64 begins so: a dot stands before every name. */
const foreign = /^\.(anthropic|openai-responses|openai-chat|ollama)\.(.*)$/s;

/**
 * Writes a signature for a Gemini client to bring back. One of another provider is marked with its name,
 * so that it reaches whoever made it again and nobody else.
 */
export const writeSignature = ({ protocol, value }: Signature): string =>
  protocol === 'gemini' ? value : `.${protocol}.${value}`;

/** Reads what `writeSignature` or a Gemini model wrote. */
export const readSignature = (text: string): Signature => {
  const [, protocol, value] = foreign.exec(text) ?? [];
  return protocol === undefined || value === undefined
    ? { protocol: 'gemini', value: text }
    : { protocol: protocol as ProtocolId, value };
};
