/** The named policies: one table of presets over the same parts. Imports spec. */

import { highest, highestRotating, shuffled } from './pickers.ts';
import type { Policy } from './policy.ts';
import { lane } from './scorers/lane.ts';
import { leastInflight } from './scorers/least-inflight.ts';
import { native } from './scorers/native.ts';
import { priority } from './scorers/priority.ts';
import { warm } from './scorers/warm.ts';

/** Weights step by powers, so that a later scorer only breaks ties of the earlier ones. */
export const policies = {
  priority: {
    name: 'priority',
    summary: 'lowest priority number first, then the lane that suits, then a loaded model, then free slots',
    scorers: [
      { name: 'priority', weight: 1000, score: priority },
      { name: 'lane', weight: 100, score: lane },
      { name: 'warm', weight: 10, score: warm },
      { name: 'least-inflight', weight: 2, score: leastInflight },
      { name: 'native', weight: 1, score: native },
    ],
    pick: highest,
  },
  least_loaded: {
    name: 'least_loaded',
    summary: 'the largest share of free slots, whatever the hardware',
    scorers: [
      { name: 'least-inflight', weight: 10, score: leastInflight },
      { name: 'warm', weight: 1, score: warm },
    ],
    pick: highestRotating,
  },
  round_robin: {
    name: 'round_robin',
    summary: 'each eligible host in turn',
    scorers: [],
    pick: highestRotating,
  },
  random: {
    name: 'random',
    summary: 'any eligible host, for comparison and tests',
    scorers: [],
    pick: shuffled,
  },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

/** The names configuration may use, in the order they are shown. */
export const policyNames = Object.keys(policies) as readonly PolicyName[];

export const isPolicyName = (name: string): name is PolicyName => Object.hasOwn(policies, name);
