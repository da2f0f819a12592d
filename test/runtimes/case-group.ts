/** Cases as data: the suite runs them on each target, and a list of them tells what a real engine cannot show. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { knownGaps } from '../known-gaps.ts';
import type { Target } from './target.ts';

export interface Case<Bench> {
  /** A sentence that is true when the case holds. */
  readonly name: string;
  readonly prove: (bench: Bench) => Promise<void> | void;
}

export interface GroupOptions<Bench> {
  readonly title: string;
  /** What a real engine would have to do for these cases and does not do on demand. */
  readonly needs: string;
  readonly open: (target: Target) => Promise<Bench>;
  readonly close: (bench: Bench) => Promise<void> | void;
  readonly cases: readonly Case<Bench>[];
  /** Whether its cases start so many processes that the published form, which starts sooner, is run. */
  readonly starts?: 'often';
  /** For a case; the default of the runner is 5 s. */
  readonly timeoutMs?: number;
}

export interface CaseGroup {
  readonly title: string;
  readonly needs: string;
  readonly names: readonly string[];
  register(target: Target): void;
}

/** A known gap must still be one: a case that holds again leaves the list. */
export const proveGap = async (prove: () => Promise<void> | void, reason: string): Promise<void> => {
  let held = true;
  try {
    await prove();
  } catch {
    held = false;
  }
  expect({ held, reason }).toEqual({ held: false, reason });
};

/** Binds cases to what they share. */
export const caseGroup = <Bench>(options: GroupOptions<Bench>): CaseGroup => {
  const { title, needs, cases, timeoutMs = 10_000 } = options;
  return {
    title,
    needs,
    names: cases.map(({ name }) => name),
    register: (target) =>
      describe(title, () => {
        let bench: Bench | undefined;
        const opened = (): Bench => {
          if (bench === undefined) throw new Error('the bench did not open');
          return bench;
        };
        beforeAll(async () => {
          const { published } = target;
          const command =
            options.starts === 'often' && published !== undefined ? published() : target.command;
          bench = await options.open({ ...target, command });
        }, 20_000);
        afterAll(async () => {
          if (bench !== undefined) await options.close(bench);
        });
        for (const { name, prove } of cases) {
          const gap = knownGaps.find((known) => known.target === target.name && known.case === name);
          test(
            gap === undefined ? name : `known gap: ${name}`,
            () => (gap === undefined ? prove(opened()) : proveGap(() => prove(opened()), gap.reason)),
            timeoutMs,
          );
        }
      }),
  };
};
