/** One running Pointsman with a first host for each cell and a second host of each kind for all of them. */

import { type Dialect, dialects, post, say } from '../runtimes/dialects.ts';
import { type ScriptedEngine, startEngine } from '../runtimes/scripted-engine.ts';
import { type Pointsman, startPointsman } from '../runtimes/start-pointsman.ts';
import type { Target } from '../runtimes/target.ts';
import { type Cell, freedWithinMs, type Scene, timers } from './cell.ts';
import { until } from './until.ts';

export interface ChaosBench {
  readonly pointsman: Pointsman;
  sceneOf(cell: Cell): Scene;
  close(): Promise<void>;
}

interface First {
  readonly cell: Cell;
  readonly id: string;
  readonly model: string;
  readonly engine: ScriptedEngine;
  heads: number;
  onHead: ((call: { readonly socket: ScriptedEngine['calls'][number]['socket'] }) => void) | undefined;
}

/** Answers any prompt in the form it asks for. */
const serves = (dialect: Dialect) => (call: ScriptedEngine['calls'][number]) => {
  const wantsStream = dialect.kind === 'ollama' ? call.body.stream !== false : call.body.stream === true;
  if (wantsStream) say(call, dialect, 'fine');
  else call.whole(dialect.whole('fine'));
};

const startFirst = async (cell: Cell, index: number): Promise<First> => {
  const model = `m${index}`;
  const models = [model, ...(cell.setup.models ?? []).map((name) => `${model}-${name}`)];
  const engine = await startEngine({
    kind: cell.dialect.kind,
    models,
    ...(cell.setup.memory === 'cold' ? {} : { loaded: models }),
    onHead: (socket) => {
      first.heads += 1;
      first.onHead?.({ socket });
    },
  });
  const first: First = { cell, id: `first-${index}`, model, engine, heads: 0, onHead: undefined };
  return first;
};

const configOf = (firsts: readonly First[], seconds: ReadonlyMap<string, ScriptedEngine>): object => {
  const backends: Record<string, object> = {};
  for (const { id, cell, engine } of firsts) {
    const { apiKey, slots = 1 } = cell.setup;
    const key = apiKey === undefined ? {} : { apiKey };
    backends[id] = { kind: cell.dialect.kind, url: engine.url, slots, priority: 1, ...key };
  }
  for (const [kind, { url }] of seconds) backends[`second-${kind}`] = { kind, url, slots: 1000, priority: 2 };
  const { headersMs, firstContentMs, betweenChunksMs, probeIntervalMs, probeTimeoutMs } = timers;
  const chosen = firsts.filter(({ cell }) => cell.setup.strategy !== undefined);
  return {
    backends,
    models: Object.fromEntries(
      chosen.map(({ model, cell }) => [
        `${model}-chosen`,
        { names: { [cell.dialect.kind]: model }, strategy: cell.setup.strategy },
      ]),
    ),
    strategy: 'round_robin_priority',
    timeouts: { headersMs, firstContentMs, betweenChunksMs },
    heartbeat: { afterMs: 0 },
    breaker: { openMs: timers.breakerOpenMs, maxOpenMs: timers.maxOpenMs },
    // Nearly every request fails here, which is what the budget is there to stop.
    retryBudget: { tokens: 1000 },
    probe: { intervalMs: probeIntervalMs, timeoutMs: probeTimeoutMs },
    log: { decisions: true },
  };
};

const allUpMs = 15_000;

/** What the seconds have besides. */
const warmModel = 'warm';

/** Enough that no runtime compiles at the cost of a cell. */
const warmRounds = 25;

const warm = async (origin: string): Promise<void> => {
  for (let round = 0; round < warmRounds; round += 1) {
    await Promise.all(
      dialects.flatMap((dialect) =>
        [true, false].map(async (stream) => {
          await (
            await post(origin, dialect.chatPath, dialect.chat(`${warmModel}-${dialect.kind}`, { stream }))
          ).text();
        }),
      ),
    );
  }
};

const isUp = async (origin: string): Promise<boolean> => {
  const { status } = (await (await fetch(`${origin}/health`)).json()) as { readonly status: string };
  return status === 'ok';
};

const inflightOf = async (origin: string, id: string): Promise<number | undefined> => {
  const stats = (await (await fetch(`${origin}/stats`)).json()) as {
    readonly backends: readonly { readonly backend: string; readonly inflight: number }[];
  };
  return stats.backends.find(({ backend }) => backend === id)?.inflight;
};

const sceneFor = (own: First, second: ScriptedEngine, pointsman: Pointsman): Scene => {
  const { cell, id, model, engine } = own;
  const { dialect, form, setup } = cell;
  const { origin, port } = pointsman;
  const asked = setup.strategy === undefined ? model : `${model}-chosen`;
  const body: Scene['body'] = (more = {}) => dialect.chat(asked, { stream: form === 'stream', ...more });
  return {
    origin,
    port,
    dialect,
    form,
    model: asked,
    first: engine,
    second,
    firstId: id,
    written: () => pointsman.output.out + pointsman.output.err,
    body,
    ask: (more, init) => post(origin, dialect.chatPath, body(more), init),
    posts: () => ({
      first: own.heads,
      second: second.calls.filter((call) => call.body.model === model).length,
    }),
    idle: async (withinMs = freedWithinMs) => {
      await until(`${id} is free`, async () => (await inflightOf(origin, id)) === 0, withinMs);
    },
    onHead: (strike) => {
      own.onHead = strike;
    },
  };
};

/** From source Node reads a source map for every error it makes, which here are many. */
export const asPublished = (target: Target): Target => ({
  ...target,
  command: target.published?.() ?? target.command,
});

/** Resolves once every host was seen to be up. */
export const openChaosBench = async (target: Target, cells: readonly Cell[]): Promise<ChaosBench> => {
  const firsts = await Promise.all(cells.map(startFirst));
  const seconds = new Map<string, ScriptedEngine>();
  for (const dialect of dialects) {
    const models = firsts
      .filter(({ cell }) => cell.dialect === dialect && cell.setup.only === undefined)
      .flatMap(({ model, cell }) => [model, ...(cell.setup.models ?? []).map((name) => `${model}-${name}`)]);
    models.push(`${warmModel}-${dialect.kind}`);
    const engine = await startEngine({ kind: dialect.kind, models, loaded: models });
    engine.answer(serves(dialect));
    seconds.set(dialect.kind, engine);
  }
  const pointsman = await startPointsman(asPublished(target), configOf(firsts, seconds));
  const close = async (): Promise<void> => {
    await pointsman.stop();
    const engines = [...firsts.map(({ engine }) => engine), ...seconds.values()];
    await Promise.all(engines.map((engine) => engine.close()));
  };
  try {
    await until('every host is up', () => isUp(pointsman.origin), allUpMs);
    await warm(pointsman.origin);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pointsman,
    sceneOf: (cell) => {
      const first = firsts.find((each) => each.cell === cell);
      const second = seconds.get(cell.dialect.kind);
      if (first === undefined || second === undefined) throw new RangeError(cell.id);
      return sceneFor(first, second, pointsman);
    },
    close,
  };
};
