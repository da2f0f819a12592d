/** What is true at the moment of a scrape, as Prometheus reads it. Imports spec. */

import type { BackendId } from '../spec/vocabulary.ts';
import { family, labelText, type MetricFamily, type Sample } from './exposition.ts';

/** What is true now of one backend, asked only when somebody scrapes. */
export interface BackendGauges {
  readonly backend: BackendId;
  readonly up: boolean;
  readonly inflight: number;
  readonly slots: number;
  readonly vramBytes: number;
  readonly loadedModels: readonly string[];
  /** Its keys by position, counted from 1. */
  readonly keys?: readonly { readonly key: number; readonly usable: boolean }[];
}

/** How it stands with the other instances. */
export interface StateGauges {
  readonly attached: boolean;
  /** Calls on the store that failed. */
  readonly failures: number;
  /** This one included. */
  readonly instances: number;
  /** Documents passed over, by reason. */
  readonly ignored: ReadonlyMap<string, number>;
}

export interface LiveGauges {
  /** Absent where the instance shares with nobody. */
  readonly state?: StateGauges | undefined;
  readonly backends: readonly BackendGauges[];
  readonly queueDepth: number;
}

/** How it stands with the other instances; nothing where there are none. */
export const stateFamilies = (state: StateGauges | undefined): readonly MetricFamily[] => {
  if (state === undefined) return [];
  const { attached, failures, instances, ignored } = state;
  const one = (value: number): readonly Sample[] => [{ labels: '', value }];
  return [
    family('gauge', 'pointsman_state_attached', '1 when the shared store answers.', one(attached ? 1 : 0)),
    family(
      'gauge',
      'pointsman_cluster_instances',
      'Instances that are alive, this one included.',
      one(instances),
    ),
    family(
      'counter',
      'pointsman_state_failures_total',
      'Calls on the shared store that failed.',
      one(failures),
    ),
    family(
      'counter',
      'pointsman_state_ignored_total',
      'Documents of others that were passed over.',
      [...ignored].map(([reason, value]) => ({ labels: labelText({ reason }), value })),
    ),
  ];
};

/** One family for each thing that is asked. */
export const gaugeFamilies = ({ backends, queueDepth }: LiveGauges): readonly MetricFamily[] => {
  const each = (read: (backend: BackendGauges) => number): readonly Sample[] =>
    backends.map((backend) => ({ labels: labelText({ backend: backend.backend }), value: read(backend) }));
  const loaded = backends.flatMap(({ backend, loadedModels }) =>
    loadedModels.map((model) => ({ labels: labelText({ backend, model }), value: 1 })),
  );
  return [
    family(
      'gauge',
      'pointsman_backend_up',
      '1 when the backend answers.',
      each(({ up }) => (up ? 1 : 0)),
    ),
    family(
      'gauge',
      'pointsman_inflight',
      'Requests running on a backend.',
      each(({ inflight }) => inflight),
    ),
    family(
      'gauge',
      'pointsman_slots',
      'Requests a backend is given at once.',
      each(({ slots }) => slots),
    ),
    family(
      'gauge',
      'pointsman_backend_vram_bytes',
      'GPU memory of the loaded models.',
      each(({ vramBytes }) => vramBytes),
    ),
    family(
      'gauge',
      'pointsman_key_usable',
      '1 when a key of the backend is neither refused nor at its limit.',
      backends.flatMap(({ backend, keys = [] }) =>
        keys.map(({ key, usable }) => ({
          labels: labelText({ backend, key: String(key) }),
          value: usable ? 1 : 0,
        })),
      ),
    ),
    family('gauge', 'pointsman_model_loaded', '1 for each model in memory.', loaded),
    family('gauge', 'pointsman_queue_depth', 'Requests waiting for a slot.', [
      { labels: '', value: queueDepth },
    ]),
  ];
};
