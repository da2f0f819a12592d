/** Reads requests off a socket, one after the other. */

import { joinedChunks } from './joined-chunks.ts';

/** One request as it came. */
export interface RequestBytes {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly bytes: Buffer;
}

/** Collects one request after the other from a socket, without copying a large body more than once. */
export const requestReader = (
  take: (request: RequestBytes) => void,
  onHead: ((method: string) => void) | undefined,
): ((data: Buffer) => void) => {
  let parts: Buffer[] = [];
  let sizeBytes = 0;
  let head: Omit<RequestBytes, 'bytes'> | undefined;
  let lengthBytes = 0;
  const readHead = (): void => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    const [line = '', ...rest] = all.toString('latin1', 0, end).split('\r\n');
    const [method = '', path = ''] = line.split(' ');
    const headers = Object.fromEntries(
      rest.map((each) => [
        each.slice(0, each.indexOf(':')).toLowerCase(),
        each.slice(each.indexOf(':') + 1).trim(),
      ]),
    );
    head = { method, path, headers };
    onHead?.(method);
    lengthBytes = Number(headers['content-length'] ?? 0);
    parts = [all.subarray(end + 4)];
    sizeBytes = all.length - end - 4;
  };
  const ofLength = (): Buffer | undefined =>
    sizeBytes < lengthBytes ? undefined : Buffer.concat(parts).subarray(0, lengthBytes);
  // The whole is joined only when the end of it may have come.
  const inChunks = (last: Buffer): Buffer | undefined =>
    last.at(-1) === 0x0a ? joinedChunks(Buffer.concat(parts)) : undefined;
  return (data) => {
    parts.push(data);
    sizeBytes += data.length;
    if (head === undefined) readHead();
    if (head === undefined) return;
    const bytes = head.headers['transfer-encoding'] === 'chunked' ? inChunks(data) : ofLength();
    if (bytes === undefined) return;
    const request = { ...head, bytes };
    parts = [];
    sizeBytes = 0;
    head = undefined;
    take(request);
  };
};
