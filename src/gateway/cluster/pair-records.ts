/** What is kept of a pair or host for the others, apart from the pair itself: most have nothing. Shell state. */

import { type PinTold, untoldPin } from '../../core/cluster/shared-pin.ts';
import type { Turn } from '../../core/cluster/turns.ts';
import type { PairRates } from '../../core/rates.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Host } from '../host.ts';
import type { Pair } from '../pair.ts';

export interface PairRecord {
  pin: PinTold;
  /** What was told last, and since when that is so. */
  mark: string;
  changedAt: Millis;
  /** Speeds that another instance measured; told by nobody but it. */
  heardRates: PairRates | undefined;
}

export interface HostRecord {
  /** When another instance looked whose facts were taken over. */
  heardLookAt: Millis | undefined;
  /** Loads that others ran there at the last reading, by pair. */
  loading: ReadonlySet<string>;
  /** Its turn, where there are fewer slots than instances that want one. */
  turn: Turn | undefined;
}

export interface PairRecords {
  of(pair: Pair): PairRecord;
  known(pair: Pair): PairRecord | undefined;
  ofHost(host: Host): HostRecord;
}

/** Nothing is kept yet. */
export const createPairRecords = (): PairRecords => {
  const pairs = new WeakMap<Pair, PairRecord>();
  const hosts = new WeakMap<Host, HostRecord>();
  return {
    of: (pair) => {
      const known = pairs.get(pair);
      if (known !== undefined) return known;
      const record: PairRecord = { pin: untoldPin, mark: '', changedAt: -Infinity, heardRates: undefined };
      pairs.set(pair, record);
      return record;
    },
    known: (pair) => pairs.get(pair),
    ofHost: (host) => {
      const known = hosts.get(host);
      if (known !== undefined) return known;
      const record: HostRecord = { heardLookAt: undefined, loading: new Set(), turn: undefined };
      hosts.set(host, record);
      return record;
    },
  };
};
