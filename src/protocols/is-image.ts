/** Whether data is an image, told from its first bytes. Imports nothing. */

/** Enough for every format below; a long string is there with its beginning alone. */
const headCharacters = 16;

const heads: readonly (readonly [offset: number, bytes: string])[] = [
  [0, '\xff\xd8\xff'],
  [0, '\x89PNG'],
  [0, 'GIF8'],
  [0, 'RIFF'],
  [0, 'BM'],
  // HEIC, HEIF and AVIF are boxes, of which the first names the format.
  [4, 'ftyp'],
];

/** Base64 in either alphabet, of a format that some vision model takes. */
export const isImage = (base64: string): boolean => {
  const head = base64.slice(0, headCharacters).replaceAll('-', '+').replaceAll('_', '/');
  let binary: string;
  try {
    binary = atob(head);
  } catch {
    return false;
  }
  return heads.some(([offset, bytes]) => binary.startsWith(bytes, offset));
};
