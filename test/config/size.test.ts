import { expect, test } from 'bun:test';
import { parseSizeBytes } from '../../src/config/size.ts';

const good: readonly (readonly [text: string, bytes: number])[] = [
  ['0', 0],
  ['512', 512],
  ['1B', 1],
  ['1kB', 1000],
  ['2 MB', 2_000_000],
  ['1GB', 1_000_000_000],
  ['1KiB', 1024],
  ['64MiB', 67_108_864],
  ['24GiB', 25_769_803_776],
];
for (const [text, bytes] of good) {
  test(`${text} is ${bytes} bytes`, () => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });
}

for (const text of ['', 'MiB', '1.5MiB', '-1', '1 Mib', '1mb', '1e3', '0x10', '1  MiB', '1234567890123']) {
  test(`"${text}" is no size`, () => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });
}
