/** What the benchmark is asked for on its command line. */

import { parseArgs } from 'node:util';
import { type SizesName, sizesByName } from './sizes.ts';

export interface Options {
  readonly sizes: SizesName;
  /** Ids of rows; empty: all. */
  readonly only: readonly string[];
  /** Where the figures are written; absent: nowhere. */
  readonly output: string | undefined;
}

const isSizesName = (name: string): name is SizesName => Object.hasOwn(sizesByName, name);

/** Reads the arguments; throws with a sentence on what is wrong with them. */
export const readOptions = (
  args: readonly string[],
  rowIds: readonly string[],
  defaultOutput: string,
): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      size: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      output: { type: 'string' },
    },
  });
  const size = values.size ?? (values.quick ? 'quick' : 'full');
  if (!isSizesName(size)) throw new Error(`--size must be one of ${Object.keys(sizesByName).join(', ')}`);
  const unknown = values.only.find((id) => !rowIds.includes(id));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: the rows are ${rowIds.join(', ')}`);
  // A part, or a quick look, must not pass for the measured figures.
  const isWhole = size === 'full' && values.only.length === 0;
  return { sizes: size, only: values.only, output: values.output ?? (isWhole ? defaultOutput : undefined) };
};
