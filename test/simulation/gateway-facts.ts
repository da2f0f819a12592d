/** The one place that reads the gateway's inner state for the invariants. */

import type { Ask } from '../../src/core/candidate.ts';
import { healthy } from '../../src/core/filters/healthy.ts';
import type { PointsmanApp } from '../../src/http/app.ts';

export interface HostFacts {
  readonly id: string;
  readonly inflight: number;
  readonly slots: number;
}

export interface GatewayFacts {
  readonly hosts: () => readonly HostFacts[];
  readonly waiting: () => number;
  readonly running: () => number;
  /** Why a host must not be asked for a model now; undefined when it may. */
  readonly barred: (host: string, model: string, now: number) => string | undefined;
}

const anyAsk = (model: string): Ask => ({
  model,
  operation: 'chat',
  protocol: 'ollama',
  intent: 'fast',
  needs: [],
  localOnly: false,
  tried: [],
});

/** What the gateway of an application knows and does at a moment. */
export const gatewayFacts = ({ gateway }: PointsmanApp): GatewayFacts => ({
  hosts: () =>
    gateway.fleet
      .hosts()
      .map(({ backend, inflight, slots }) => ({ id: backend.options.id, inflight, slots })),
  waiting: () => gateway.slots.waiting(),
  running: () => gateway.active.running(),
  barred: (host, model, now) => {
    const snapshot = gateway.fleet.snapshot(model, now);
    const candidate = snapshot.candidates.find(({ backend }) => backend === host);
    if (candidate === undefined) return 'not known to have the model';
    const passed = healthy(anyAsk(model), candidate, snapshot);
    return passed === true ? undefined : passed.text;
  },
});
