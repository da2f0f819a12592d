/** Where an instance says it is reached, in the one spelling that addresses of backends have. Imports nothing. */

const form = /^https?:\/\/[^\s@/?#]{1,200}$/i;

/** The address without a slash at the end; undefined for what is none, or holds more than scheme, host and port. */
export const peerAddress = (text: string): string | undefined =>
  form.test(text) && URL.canParse(text) ? new URL(text).href.replace(/\/+$/, '') : undefined;
