/** Text and bytes, in one place so that no other file makes an encoder of its own; imports nothing. */

const BYTE_ORDER_MARK = 0xfeff;
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
  // Deno's decoder, when it strips the mark itself, also strips one that a chunk border splits further on.
  const streaming = new TextDecoder('utf-8', { ignoreBOM: true });
  let atStart = true;
  const withoutMark = (text: string): string => {
    if (!atStart || text === '') return text;
    atStart = false;
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  };
  return {
    push: (chunk) => withoutMark(streaming.decode(chunk, { stream: true })),
    end: () => withoutMark(streaming.decode()),
  };
};
