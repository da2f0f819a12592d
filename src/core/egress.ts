/** Which pictures may be fetched for a request: hosts that configuration names, over HTTPS, and nothing else. Pure. */

/** Not even a pattern that would fit lets these be asked: they are near, or no names at all. */
const isNear = (hostname: string): boolean =>
  !hostname.includes('.') ||
  /^[\d.]+$/.test(hostname) ||
  hostname.startsWith('[') ||
  /\.(?:local|localhost|internal|localdomain|lan|intranet|home|arpa|corp)$/.test(hostname);

const fits = (hostname: string, pattern: string): boolean => {
  if (!pattern.startsWith('*.')) return hostname === pattern;
  return hostname.endsWith(pattern.slice(1)) && !isNear(hostname);
};

/**
 * The address to fetch, or undefined where it may not be. A pattern is a host, or `*.` before one for all below it; what is
 * near is fetched only where it is named in full. A name is trusted with what it resolves to.
 */
export const fetchableImage = (text: string, patterns: readonly string[]): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, href } = new URL(text);
  if (protocol !== 'https:' || username !== '' || password !== '') return undefined;
  const name = hostname.toLowerCase().replace(/\.$/, '');
  const isNamed = patterns.some((pattern) => {
    const lower = pattern.toLowerCase();
    return fits(name, lower) ? port === '' : lower === `${name}:${port}`;
  });
  return isNamed ? href : undefined;
};
