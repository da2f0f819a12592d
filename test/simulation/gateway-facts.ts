/** The one place that reads the gateway's inner state for the invariants. */

import { isResting } from '../../src/core/breaker.ts';
import { type PinFacts, pinned, trialAllowed } from '../../src/core/pins.ts';
import { residencyOf } from '../../src/gateway/pair.ts';
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
  /** Why a host must not be asked for a model now, by a request that holds its slot already; undefined when it may. */
  readonly barred: (host: string, model: string, now: number) => string | undefined;
  /** Whether what is sent to a model there now is the one trial of a pair that rests. */
  readonly isTrial: (host: string, model: string) => boolean;
}

/** What the gateway of an application knows and does at a moment; reading changes nothing. */
export const gatewayFacts = ({ gateway }: PointsmanApp): GatewayFacts => {
  const { fleet, slots, active } = gateway;
  const placed = (host: string, model: string) =>
    fleet.placements(model).find((placement) => placement.host.backend.options.id === host);

  return {
    hosts: () =>
      fleet
        .hosts()
        .map(({ backend, inflight, slots: count }) => ({ id: backend.options.id, inflight, slots: count })),
    waiting: () => slots.waiting(),
    running: () => active.running(),
    barred: (id, model, now) => {
      const placement = placed(id, model);
      if (placement === undefined) return 'not known to have the model';
      const { host, pair } = placement;
      const { breaker, pin, absentUntil, busyUntil, refusedUntil = 0 } = pair.health;
      if (host.health.state === 'down') return 'down';
      if (absentUntil > now) return 'the model is not there';
      if (busyUntil > now) return 'busy';
      if (refusedUntil > now) return 'refused';
      // Its own start has made it the trial.
      if (isResting(breaker) && (breaker.state === 'open' || breaker.probe === undefined)) return 'set aside';
      const resident = residencyOf(pair, host, now).state === 'hot';
      const facts: PinFacts = { needBytes: pair.card.sizeBytes, resident };
      if (pinned(pin, facts, now)) return 'pinned';
      if (!trialAllowed(pin, facts, host.inflight - 1, now)) return 'an unsure load while the host is busy';
      return undefined;
    },
    isTrial: (id, model) => {
      const placement = placed(id, model);
      return placement !== undefined && isResting(placement.pair.health.breaker);
    },
  };
};
