/** Which host names and addresses stay on this machine or its network. Imports nothing. */

const unbracketed = (hostname: string): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

const octets = (host: string): readonly number[] | undefined => {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
    return [high >> 8, high & 255, low >> 8, low & 255];
  }
  const dotted = host.replace(/^::ffff:/, '');
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(dotted) ? dotted.split('.').map(Number) : undefined;
};

/** Whether a host is this machine itself; takes names and addresses as `URL.hostname` writes them. */
export const isLoopbackHost = (hostname: string): boolean => {
  const host = unbracketed(hostname);
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || octets(host)?.[0] === 127;
};

const isPrivateV4 = ([first = 0, second = 0]: readonly number[]): boolean =>
  first === 127 ||
  first === 10 ||
  (first === 172 && second >= 16 && second < 32) ||
  (first === 192 && second === 168) ||
  (first === 169 && second === 254) ||
  // Shared address space (RFC 6598): overlay networks number their members here, and nobody routes it.
  (first === 100 && second >= 64 && second < 128);

/**
 * Whether data sent to a host stays on this machine or its network.
 * What is not known to be near counts as far, because a wrong guess in the other direction leaks a prompt.
 */
export const isLocalHost = (hostname: string): boolean => {
  if (isLoopbackHost(hostname)) return true;
  const host = unbracketed(hostname);
  const v4 = octets(host);
  if (v4 !== undefined) return isPrivateV4(v4);
  if (host.includes(':')) return /^f[cd]|^fe[89ab]/.test(host);
  return !host.includes('.') || /\.(local|internal|home\.arpa)$/.test(host);
};
