/** Text and bytes, in one place so that no other file makes an encoder of its own; imports nothing. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes text; a lone surrogate becomes U+FFFD, because no wire can carry one. */
export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/**
 * Decodes a complete piece of text; a byte order mark is dropped and a broken sequence becomes U+FFFD,
 * because an engine that cuts a token inside a character must not end an answer.
 */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A push machine from bytes to text. */
export interface Utf8Decoder {
  push(chunk: Uint8Array): string;
  /** What is left: U+FFFD for a character that never became whole, else nothing. */
  end(): string;
}

/** Joins characters that chunks split, and drops a byte order mark at the start of the stream only. */
export const createUtf8Decoder = (): Utf8Decoder => {
  const streaming = new TextDecoder();
  return {
    push: (chunk) => streaming.decode(chunk, { stream: true }),
    end: () => streaming.decode(),
  };
};
