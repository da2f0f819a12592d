/** What an image is, told from its first bytes. Imports nothing. */

/** The first bytes of each format in base64, which are there even of an image whose rest is kept elsewhere. */
const mediaTypes: readonly (readonly [start: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0', 'image/png'],
  ['R0lG', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** The media type of base64 data in one of the formats that every vision model takes; undefined for anything else. */
export const imageTypeOf = (base64: string): string | undefined => {
  for (const [start, mediaType] of mediaTypes) if (base64.startsWith(start)) return mediaType;
  return undefined;
};
