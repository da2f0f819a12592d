/** Reads requests off a socket, one after the other. */

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
  return (data) => {
    parts.push(data);
    sizeBytes += data.length;
    if (head === undefined) readHead();
    if (head === undefined || sizeBytes < lengthBytes) return;
    const request = { ...head, bytes: Buffer.concat(parts).subarray(0, lengthBytes) };
    parts = [];
    sizeBytes = 0;
    head = undefined;
    take(request);
  };
};
