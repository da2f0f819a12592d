/** Sizes in bytes as a person writes them. Imports nothing. */

const factors: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** What a size may look like as text: digits and a unit. */
export const sizeForm = /^\d{1,12} ?(B|kB|MB|GB|KiB|MiB|GiB)?$/;

/** The bytes a text of `sizeForm` means; undefined for any other text. */
export const parseSizeBytes = (text: string): number | undefined => {
  const match = sizeForm.exec(text);
  return match === null ? undefined : Number.parseInt(text, 10) * (factors[match[1] ?? ''] ?? 1);
};
