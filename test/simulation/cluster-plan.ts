/** What is drawn beside a hostile plan where several instances stand before its hosts. */

import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import type { HostilePlan } from './hostile-plan.ts';

/** Something that happens to one instance at a moment. */
export type RouterMishap = { readonly at: number; readonly router: number } & (
  | { readonly what: 'pause'; readonly forMs: number }
  | { readonly what: 'step'; readonly byMs: number }
  /** The process is gone at once, and a while later one that knows nothing takes its place. */
  | { readonly what: 'crash'; readonly forMs: number; readonly comesBackAs: 'the-same' | 'another' }
  /** The store is out of its reach. */
  | { readonly what: 'alone'; readonly forMs: number }
  /** A host is out of its reach. */
  | { readonly what: 'cut'; readonly host: string; readonly forMs: number }
);

export interface ClusterPlan extends HostilePlan {
  readonly routers: number;
  /** `parted`: it works, but not for everybody all the time. */
  readonly store: 'sound' | 'parted' | 'hostile';
  readonly routerMishaps: readonly RouterMishap[];
  /** What callers show; none: nobody is asked for a key. */
  readonly keys: readonly PlannedKey[];
}

/** A key with the limits it has. */
export interface PlannedKey {
  readonly name: string;
  readonly limits: { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number };
}

/** Longer than a first pin lasts, so that what was kept away comes back under load. */
const restMs = 11 * 60_000;

/** Some worlds are left alone half-way. */
const withRest = (plan: ClusterPlan): ClusterPlan => {
  const half = plan.load.durationMs / 2;
  const later = (at: number): number => (at < half ? at : at + restMs);
  const conversations = plan.load.conversations.map((each) => ({ ...each, startsAt: later(each.startsAt) }));
  return {
    ...plan,
    load: { ...plan.load, conversations, durationMs: plan.load.durationMs + restMs },
    mishaps: plan.mishaps.map((each) => ({ ...each, at: later(each.at) })),
    routerMishaps: plan.routerMishaps.map((each) => ({ ...each, at: later(each.at) })),
  };
};

/** In half of the worlds callers have keys, and most of those a limit that they meet now and then. */
const drawKeys = (seed: number): readonly PlannedKey[] => {
  const random = createSeededRandom(Math.imul(seed + 59, 0x165667b1));
  random();
  if (random() < 0.5) return [];
  return Array.from({ length: 1 + Math.floor(3 * random()) }, (_, index) => ({
    name: `caller${index}`,
    limits: {
      ...(random() < 0.85 ? { requestsPerMinute: 2 + Math.floor(40 * random() ** 3) } : {}),
      ...(random() < 0.25 ? { tokensPerMinute: 500 + Math.floor(20_000 * random()) } : {}),
    },
  }));
};

/** From one to eight instances, with what happens to each of them. */
export const clusterPlan = (plan: HostilePlan): ClusterPlan => {
  const random = createSeededRandom(Math.imul(plan.seed + 41, 0x27d4eb2f));
  random();
  const routers = 1 + Math.floor(8 * random());
  const dice = random();
  const store = dice < 0.4 ? 'sound' : dice < 0.7 ? 'parted' : 'hostile';
  const { durationMs } = plan.load;
  const anyRouter = (): number => Math.floor(routers * random());
  const anyTime = (): number => durationMs * random();
  const crashes = random() < 0.6 ? 1 + Math.floor(3 * random()) : 0;
  const routerMishaps: RouterMishap[] = [
    ...plan.pauses.map(({ at, forMs }) => ({ at, router: anyRouter(), what: 'pause', forMs }) as const),
    ...plan.steps.map(({ at, byMs }) => ({ at, router: anyRouter(), what: 'step', byMs }) as const),
    ...Array.from({ length: crashes }, () => {
      const comesBackAs = random() < 0.5 ? 'the-same' : 'another';
      const forMs = Math.round(200 + 20_000 * random());
      return { at: anyTime(), router: anyRouter(), what: 'crash', forMs, comesBackAs } as const;
    }),
  ];
  for (let router = 0; store !== 'sound' && router < routers; router += 1) {
    routerMishaps.push({ at: anyTime(), router, what: 'alone', forMs: 30_000 * random() });
    for (const host of Object.keys(plan.fleet.hosts)) {
      if (host === plan.guardian || random() < 0.6) continue;
      routerMishaps.push({ at: anyTime(), router, what: 'cut', host, forMs: 30_000 * random() });
    }
  }
  const drawn = { ...plan, routers, store, routerMishaps, keys: drawKeys(plan.seed) } as const;
  return random() < 0.1 ? withRest(drawn) : drawn;
};
