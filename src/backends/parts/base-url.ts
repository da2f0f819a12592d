/** Where an engine's own paths begin. Pure; imports nothing. */

/**
 * A base URL without trailing slashes and without an ending that the engine's paths bring along themselves,
 * because people paste the address some other client wanted.
 */
export const baseUrl = (url: string, ending: RegExp): string =>
  url.replace(/\/+$/, '').replace(ending, '').replace(/\/+$/, '');
