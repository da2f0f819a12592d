/** Lines that are added to files which never get larger than they may. */

import type { Runtime } from './runtime.ts';

/** Adds a line; what is oldest makes room, and a file that cannot be written is told of once. */
export type WriteLine = (path: string, line: string, maxBytes: number) => void;

type Files = Pick<Runtime, 'readTextFile' | 'appendTextFile' | 'writeTextFile' | 'err'>;

const sizeOf = (text: string): number => new TextEncoder().encode(text).byteLength;

/** The last lines that fit into half of the space, so that room is made seldom. */
const newestHalf = (text: string, maxBytes: number): string => {
  const kept: string[] = [];
  let size = 0;
  for (const line of text.split('\n').reverse()) {
    if (line === '') continue;
    size += sizeOf(line) + 1;
    if (size > maxBytes / 2) break;
    kept.push(line);
  }
  return kept
    .reverse()
    .map((line) => `${line}\n`)
    .join('');
};

/** Writes one line after the other, in their order. */
export const createBoundedLog = (files: Files): WriteLine => {
  const sizes = new Map<string, number>();
  let last: Promise<void> = Promise.resolve();
  let told = false;

  const add = async (path: string, line: string, maxBytes: number): Promise<void> => {
    const text = `${line}\n`;
    const known = sizes.get(path) ?? sizeOf(await files.readTextFile(path).catch(() => ''));
    const size = known + sizeOf(text);
    if (size <= maxBytes) {
      await files.appendTextFile(path, text);
      sizes.set(path, size);
      return;
    }
    const whole = newestHalf((await files.readTextFile(path).catch(() => '')) + text, maxBytes);
    await files.writeTextFile(path, whole);
    sizes.set(path, sizeOf(whole));
  };

  return (path, line, maxBytes) => {
    last = last
      .then(() => add(path, line, maxBytes))
      .catch(() => {
        if (!told) files.err(`${path}: cannot be written; feedback is lost\n`);
        told = true;
      });
  };
};
