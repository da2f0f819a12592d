/** The head of an instance that has nothing to tell. */

import type { Head } from '../../../src/core/cluster/document.ts';

/** What is told, without who tells it. */
export const nothingTold = {
  peer: undefined,
  waiting: 0,
  flights: new Map(),
  loads: [],
  hosts: new Map(),
  breakers: new Map(),
  pins: new Map(),
  quotas: new Map(),
} as const satisfies Partial<Head>;

export const emptyHead: Head = {
  instance: 'one',
  boot: 'a',
  sequence: 1,
  upMs: 0,
  body: 0,
  leaving: false,
  ...nothingTold,
};
