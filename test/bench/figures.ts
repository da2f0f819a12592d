/** What a row of the benchmark comes to: figures by target, some of them with a limit. */

import type { TargetName } from './targets.ts';

export type ByTarget = Readonly<Partial<Record<TargetName, number>>>;

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: ByTarget;
  /** What a target may come to at most; a target without one is only reported. */
  readonly floors?: ByTarget;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** The middle of an unordered list; the lower middle of an even one. */
export const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

/** Whether a figure keeps within its floor; undefined where it has none. */
export const isMet = ({ values, floors }: Figure, target: TargetName): boolean | undefined => {
  const floor = floors?.[target];
  const value = values[target];
  return floor === undefined || value === undefined ? undefined : value <= floor;
};
