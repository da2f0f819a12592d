/** One running Pointsman with a first host for each cell and a second host of each kind for all of them. */

import { type Dialect, dialects, post, say } from '../runtimes/dialects.ts';
import { type ScriptedEngine, startEngine } from '../runtimes/scripted-engine.ts';
import { type Pointsman, startPointsman } from '../runtimes/start-pointsman.ts';
import type { Target } from '../runtimes/target.ts';
import { type Cell, freedWithinMs, type Scene, timers } from './cell.ts';
import { beatFactor, type Pulse, startPulse, warm, warmModelOf } from './pulse.ts';
import { withSteppedClock } from './stepped-clock.ts';
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
  engine: ScriptedEngine;
  heads: number;
  onHead: ((call: { readonly socket: ScriptedEngine['calls'][number]['socket'] }) => void) | undefined;
}

/** Answers any prompt in the form it asks for. */
const serves = (dialect: Dialect) => (call: ScriptedEngine['calls'][number]) => {
  const wantsStream = dialect.kind === 'ollama' ? call.body.stream !== false : call.body.stream === true;
  if (wantsStream) say(call, dialect, 'fine');
  else call.whole(dialect.whole('fine'));
};

const startFirstEngine = (own: Omit<First, 'engine'>, port?: number): Promise<ScriptedEngine> => {
  const { cell, model } = own;
  const models = [model, ...(cell.setup.models ?? []).map((name) => `${model}-${name}`)];
  return startEngine({
    kind: cell.dialect.kind,
    models,
    ...(cell.setup.memory === 'cold' ? { loaded: [] } : {}),
    ...(port === undefined ? {} : { port }),
    onHead: (socket) => {
      own.heads += 1;
      own.onHead?.({ socket });
    },
  });
};

const startFirst = async (cell: Cell, index: number): Promise<First> => {
  const own: Omit<First, 'engine'> = {
    cell,
    id: `first-${index}`,
    model: `m${index}`,
    heads: 0,
    onHead: undefined,
  };
  return Object.assign(own, { engine: await startFirstEngine(own) });
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
  return {
    backends,
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

const allUpMs = 45_000;

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

const sceneFor = (
  own: First,
  second: ScriptedEngine,
  pointsman: Pointsman,
  target: Target,
  pulse: Pulse,
): Scene => {
  const { cell, id, model } = own;
  const { dialect, form } = cell;
  const { origin, port } = pointsman;
  const body: Scene['body'] = (more = {}) => dialect.chat(model, { stream: form === 'stream', ...more });
  return {
    target,
    origin,
    port,
    dialect,
    form,
    model,
    first: own.engine,
    second,
    firstId: id,
    within: (limitMs) => limitMs + beatFactor * pulse.slowestMs(),
    written: () => pointsman.output.out + pointsman.output.err,
    body,
    // A kept connection may be closed by its other end at the moment it is used again.
    ask: (more, init) => post(origin, dialect.chatPath, body(more), { keepalive: false, ...init }),
    posts: () => ({
      first: own.heads,
      second: second.calls.filter((call) => call.body.model === model).length,
    }),
    replace: async () => {
      const { port: place } = own.engine;
      await own.engine.close();
      own.engine = await startFirstEngine(own, place);
      return own.engine;
    },
    idle: async (withinMs = freedWithinMs) => {
      await until(
        `${id} is free`,
        async () => (await inflightOf(origin, id)) === 0,
        () => withinMs + beatFactor * pulse.slowestMs(),
      );
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
    models.push(warmModelOf(dialect));
    const engine = await startEngine({ kind: dialect.kind, models });
    engine.answer(serves(dialect));
    seconds.set(dialect.kind, engine);
  }
  // Nothing is decided by the time of day, so that it may be any.
  const stepped = withSteppedClock(asPublished(target));
  const pointsman = await startPointsman(stepped, configOf(firsts, seconds));
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
  const pulse = startPulse(pointsman.origin);
  return {
    pointsman,
    sceneOf: (cell) => {
      const first = firsts.find((each) => each.cell === cell);
      const second = seconds.get(cell.dialect.kind);
      if (first === undefined || second === undefined) throw new RangeError(cell.id);
      return sceneFor(first, second, pointsman, asPublished(target), pulse);
    },
    close: async () => {
      pulse.stop();
      await close();
    },
  };
};
