/** A request body that came in chunks, as one piece. */

/** Undefined while its last chunk has not come. */
export const joinedChunks = (bytes: Buffer): Buffer | undefined => {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const sizeBytes = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    at = from + sizeBytes + 2;
    if (at > bytes.length) return undefined;
    if (sizeBytes === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(from, from + sizeBytes));
  }
};
