/**
 * Signatures of other dialects where a client must carry them: it gives back unchanged what it cannot read, so that the
 * dialect that signed finds its own again in a later turn. May import spec.
 */

import type { Signature } from '../spec/signature.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';

const foreign = /^pointsman\.(ollama|openai-chat|openai-responses|anthropic|gemini)\.(.*)$/s;

/** A signature as a client of `own` is given it; that of another dialect goes with its name before it. */
export const writeSignature = ({ protocol, value }: Signature, own: ProtocolId): string =>
  protocol === own ? value : `pointsman.${protocol}.${value}`;

/** Whether another dialect's engine made what a client gives back. */
export const isForeignSignature = (text: string): boolean => text.startsWith('pointsman.');

/** The signature that a client of `own` gives back. */
export const readSignature = (text: string, own: ProtocolId): Signature => {
  const [, protocol, value] = isForeignSignature(text) ? (foreign.exec(text) ?? []) : [];
  return protocol === undefined || value === undefined
    ? { protocol: own, value: text }
    : { protocol: protocol as ProtocolId, value };
};
