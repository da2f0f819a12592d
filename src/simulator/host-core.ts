/**
 * What every kind of simulated host shares: one engine, its faults, its counts,
 * and the way a request for inference runs through them.
 */

import { asString } from '../spec/json.ts';
import type { Clock, Random } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { SimulatedModel } from './catalogue.ts';
import { createEngine, type Engine } from './engine.ts';
import type { RunRecord } from './engine-run.ts';
import { type Exchange, type Refusal, readBody, respond, type Surface } from './exchange.ts';
import { createFaultBox, type Fault, type FaultBox } from './faults.ts';
import type { HostSettings } from './host-settings.ts';
import { createListener, type ListenerState } from './listener.ts';
import { createPace, type Pace } from './rates.ts';
import { createReply, networkError, type Reply, type Transport } from './reply.ts';
import { createScheduler } from './scheduler.ts';
import { hashText } from './seeded-random.ts';
import { strike } from './strike.ts';
import { tamperFor } from './tampering.ts';

/** What the routes of a kind of host are mounted over. */
export interface HostCore {
  readonly settings: HostSettings;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly faults: FaultBox;
  /** A number that no two answers of this host share. */
  nextId(): number;
  readonly isDown: () => boolean;
  /** Puts a fault in force, for as long as it says. */
  setFault(fault: Fault): void;
  clearFaults(): void;
  /** `model` is what the path says, for hosts whose bodies do not; it is read as a member of the body. */
  exchange(
    request: Request,
    surface: Surface,
    run: (exchange: Exchange) => void,
    model?: string,
  ): Promise<Response>;
  /** Answers nothing until the caller leaves. */
  silence(request: Request): Promise<Response>;
  /** The process ends with everything it was doing, and comes back after a while. */
  goDown(durationMs: Millis): void;
  comeUp(): void;
  /** Makes all further work take so many times as long, as heat or a neighbour does; 1 is its own speed. */
  slowDown(factor: number): void;
  /** Runs each time the process starts again, for engines that load their model then. */
  onRestart(run: () => void): void;
}

/** What a host is given instead of reaching for it. */
export interface CorePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly onListener: (state: ListenerState) => void;
  readonly onRun: (record: RunRecord) => void;
}

/** Old engines ask for memory before they load; the newer find out while they do. */
const oomAfterShare = 0.3;

/** The state of one host; `offload` says whether its engine splits a model between GPU and main memory. */
export const createHostCore = (
  settings: HostSettings,
  ports: CorePorts,
  offload: 'partial' | 'none',
): HostCore => {
  const { clock } = ports;
  let slowness = 1;
  const ownPace = createPace(settings.rates, settings.speedup, settings.vramBytes > 0);
  const pace: Pace = {
    loadMs: (...work) => slowness * ownPace.loadMs(...work),
    prefillMs: (...work) => slowness * ownPace.prefillMs(...work),
    tokenMs: (...work) => slowness * ownPace.tokenMs(...work),
  };
  const scheduler = createScheduler(
    {
      memory: { vramBytes: settings.vramBytes, ramBytes: settings.ramBytes, offload },
      maxLoaded: settings.maxLoaded,
      maxQueue: settings.maxQueue,
      keepAliveMs: settings.keepAliveMs,
      failsAfter: settings.kind === 'ollama' && settings.engine === 'old' ? 0 : oomAfterShare,
    },
    pace,
    clock,
  );
  const engine = createEngine({
    scheduler,
    pace,
    clock,
    chunkMs: settings.chunkMs,
    onRun: ports.onRun,
  });
  const faults = createFaultBox(settings.faults);
  const connections = new Set<Reply>();
  const restarting: (() => void)[] = [];
  let nextId = hashText(settings.name, settings.seed);
  let down = false;
  let stopRestart: () => void = () => undefined;

  const turnListener = createListener(ports.onListener, clock);
  const listen = (): void => turnListener(down || faults.refuses() ? 'close' : 'open');

  listen();

  const comeUp = (): void => {
    stopRestart();
    if (!down) return;
    down = false;
    listen();
    for (const run of restarting) run();
  };

  const goDown = (durationMs: Millis): void => {
    stopRestart();
    down = true;
    listen();
    // Connections first: a dead process has no last words for its callers.
    for (const reply of [...connections]) reply.reset();
    connections.clear();
    engine.crash();
    if (durationMs !== Infinity) stopRestart = clock.after(durationMs, comeUp);
  };

  const connect = (request: Request, fault: Fault | undefined): Reply => {
    const tamper = fault === undefined ? undefined : tamperFor(fault, clock, ports.random);
    const reply = createReply(request, {
      transport: ports.transport,
      onClose: (closed) => connections.delete(closed),
      tamper,
    });
    if (!reply.closed()) connections.add(reply);
    return reply;
  };

  const clearFaults = (): void => {
    faults.clear();
    listen();
  };

  return {
    settings,
    clock,
    engine,
    faults,
    nextId: () => nextId++,
    isDown: () => down,
    setFault(fault) {
      faults.set(fault);
      listen();
      if (fault.forMs === undefined) return;
      clock.after(fault.forMs, () => {
        faults.remove(fault);
        listen();
      });
    },
    clearFaults,
    goDown,
    comeUp,
    slowDown: (factor) => {
      slowness = factor;
    },
    onRestart: (run) => restarting.push(run),
    silence: (request) => connect(request, undefined).response,
    async exchange(request, surface, run, model) {
      const read = await readBody(request, surface);
      if (down) throw networkError('ECONNRESET');
      if ('problem' in read) return respond(surface.badBody(read.problem));
      const body = model === undefined ? read.body : { ...read.body, model };
      const fault = faults.take('inference', asString(body.model));
      const reply = connect(request, fault);
      const refuse = (refusal: Refusal): void =>
        reply.whole(refusal.status, refusal.contentType, refusal.body, refusal.headers);
      const exchange: Exchange = {
        body,
        reply,
        fault,
        refuse,
        fail(failure) {
          if (surface.fatal.has(failure.kind)) {
            reply.reset();
            goDown(settings.restartMs);
            return;
          }
          if (reply.opened()) {
            reply.write(surface.inStream(failure), 0);
            reply.end();
          } else refuse(surface.refuse(failure, asString(body.model) ?? ''));
          if (failure.kind === 'crashed' && fault?.fault === 'crash-after') goDown(settings.restartMs);
        },
      };
      // A caller who left while the body was read is not worth starting for.
      if (!reply.closed() && !strike(exchange, surface, scheduler)) run(exchange);
      return reply.response;
    },
  };
};

/** A model under the name a host lists it by. */
export interface ListedModel {
  readonly name: string;
  readonly model: SimulatedModel;
}
