/** Two engines of each kind that have the same models, the first of them preferred, and hosts that can be lost. */

import type { Dialect } from './dialects.ts';
import { dialects } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** Short enough for a test, long enough for a busy machine. */
export const limits = { headersMs: 300, firstContentMs: 800, betweenChunksMs: 400, probeMs: 300 };

/** Models are told apart so that what one case does to a pair says nothing of the next. */
const modelCount = 80;

interface Tier {
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
  /** A third and a fourth, for a request that fails everywhere. */
  readonly spare: readonly ScriptedEngine[];
  /** Alone with the model `lonely-…`, beside `second`. */
  readonly lost: ScriptedEngine;
  /** The same with `muted-…`. */
  readonly mute: ScriptedEngine;
  /** Alone with the model `slow-…`, beside nobody. */
  readonly slow: ScriptedEngine;
}

export interface FailoverBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  tier(dialect: Dialect): Tier;
  /** A model no case has used. */
  fresh(dialect: Dialect): string;
}

const startTier = async ({ kind, name }: Dialect): Promise<Tier> => {
  const models = Array.from({ length: modelCount }, (_, index) => `${name.toLowerCase()}-${index}:latest`);
  const everywhere = `everywhere-${name.toLowerCase()}`;
  const lonely = `lonely-${name.toLowerCase()}`;
  const muted = `muted-${name.toLowerCase()}`;
  return {
    first: await startEngine({ kind, models: [...models, everywhere] }),
    second: await startEngine({ kind, models: [...models, everywhere, lonely, muted] }),
    spare: [
      await startEngine({ kind, models: [everywhere] }),
      await startEngine({ kind, models: [everywhere] }),
    ],
    lost: await startEngine({ kind, models: [lonely] }),
    mute: await startEngine({ kind, models: [muted] }),
    slow: await startEngine({ kind, models: [`slow-${name.toLowerCase()}`] }),
  };
};

const enginesOf = ({ lost, mute, first, second, spare, slow }: Tier): readonly ScriptedEngine[] => [
  lost,
  mute,
  first,
  second,
  ...spare,
  slow,
];

const roles = ['lost', 'mute', 'first', 'second', 'third', 'fourth', 'slow'];

const starts = 5;

/**
 * The cases count on every host being up and none being looked at again, and on a busy machine
 * a first look may be missed: then it is started once more.
 */
const startWithAllUp = async (
  target: Target,
  backends: Readonly<Record<string, object>>,
): Promise<Pointsman> => {
  const { headersMs, firstContentMs, betweenChunksMs, probeMs } = limits;
  for (let start = 1; ; start += 1) {
    const pointsman = await startPointsman(target, {
      backends,
      timeouts: { headersMs, firstContentMs, betweenChunksMs },
      heartbeat: { afterMs: 0 },
      // Nearly every request fails here, which is what the budget is there to stop.
      retryBudget: { tokens: 1000 },
      probe: { intervalMs: 60_000, timeoutMs: probeMs },
    });
    const health = await fetch(`${pointsman.origin}/health`);
    const { status } = (await health.json()) as { readonly status: string };
    if (status === 'ok' || start === starts) return pointsman;
    await pointsman.stop();
  }
};

export const openFailoverBench = async (target: Target): Promise<FailoverBench> => {
  const tiers = new Map<string, Tier>();
  const backends: Record<string, object> = {};
  for (const dialect of dialects) {
    const tier = await startTier(dialect);
    tiers.set(dialect.name, tier);
    for (const [index, { url }] of enginesOf(tier).entries()) {
      const id = `${roles[index]}-${dialect.name.toLowerCase()}`;
      backends[id] = { kind: dialect.kind, url, slots: 2, priority: index };
    }
  }
  const pointsman = await startWithAllUp(target, backends);
  const used = new Map<string, number>();
  return {
    pointsman,
    origin: pointsman.origin,
    tier: ({ name }) => {
      const tier = tiers.get(name);
      if (tier === undefined) throw new RangeError(name);
      return tier;
    },
    fresh: ({ name }) => {
      const next = used.get(name) ?? 0;
      if (next >= modelCount) throw new RangeError('no model is left that no case has used');
      used.set(name, next + 1);
      return `${name.toLowerCase()}-${next}`;
    },
  };
};

export const closeFailoverBench = async ({ pointsman, tier }: FailoverBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all(dialects.flatMap((dialect) => enginesOf(tier(dialect)).map((engine) => engine.close())));
};
