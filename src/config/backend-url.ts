/** What the address of a backend must look like. Imports nothing. */

/**
 * Why a text cannot be the base URL of a backend, or undefined when it can.
 * Credentials are refused here because URLs are shown where keys never are.
 */
export const backendUrlProblem = (text: string): string | undefined => {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return 'must be an http:// or https:// URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; use apiKey or headers';
  if (/[?#]/.test(text)) return 'must be a base URL without ? or #';
  return undefined;
};

/** One spelling per endpoint: no trailing slash, and what `URL` normalises besides. */
export const normalisedUrl = (text: string): string => new URL(text).href.replace(/\/+$/, '');
