/** Sizes as people write them, `24GiB` or `500MB`, to bytes and back. */

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1000 ** 4,
  tib: 1024 ** 4,
};

/** One gibibyte in bytes. */
export const gib = 1024 ** 3;

/** One mebibyte in bytes. */
export const mib = 1024 ** 2;

/** Reads a size into bytes; a text that is none gives undefined, because the caller knows which flag to blame. */
export const parseByteSize = (text: string): number | undefined => {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = unitBytes[(parts?.[2] ?? '').toLowerCase()];
  if (parts === null || unit === undefined) return undefined;
  return Math.round(Number(parts[1]) * unit);
};

/** A size with one decimal and a binary unit, the way engines print memory: `12.3 GiB`. */
export const formatByteSize = (bytes: number): string =>
  bytes >= gib ? `${(bytes / gib).toFixed(1)} GiB` : `${(bytes / mib).toFixed(1)} MiB`;
