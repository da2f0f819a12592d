/** Finds where an HTTP/1.1 answer ends, by length or by the last chunk; reads no more of it than that takes. */

export interface Answer {
  readonly status: number;
  /** The last characters of the body, which tell whether a stream ended as it should. */
  readonly tail: string;
}

const lastChunk = '0\r\n\r\n';
const keptTail = 64;

/** Fed with the bytes of one connection, gives each answer as it becomes complete. */
export const createAnswerReader = (): { push(bytes: Buffer): Answer | undefined } => {
  let head = '';
  let status = 0;
  /** Undefined until the head is complete; infinite for a chunked body. */
  let missingBytes: number | undefined;
  let tail = '';

  const body = (lengthBytes: number, end: string): Answer | undefined => {
    tail = (tail + end).slice(-keptTail);
    missingBytes = (missingBytes ?? 0) - lengthBytes;
    const isComplete =
      missingBytes <= 0 || (missingBytes === Number.POSITIVE_INFINITY && tail.endsWith(lastChunk));
    if (!isComplete) return undefined;
    const answer = { status, tail };
    head = '';
    tail = '';
    missingBytes = undefined;
    return answer;
  };

  return {
    push: (bytes) => {
      if (missingBytes !== undefined) {
        return body(bytes.length, bytes.toString('latin1', Math.max(0, bytes.length - keptTail)));
      }
      head += bytes.toString('latin1');
      const headEnd = head.indexOf('\r\n\r\n');
      if (headEnd === -1) return undefined;
      const headers = head.slice(0, headEnd + 2);
      const rest = head.slice(headEnd + 4);
      status = Number(headers.slice(9, 12));
      const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
      missingBytes = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
      return body(rest.length, rest.slice(-keptTail));
    },
  };
};
