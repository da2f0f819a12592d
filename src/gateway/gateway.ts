/**
 * The path of a request: receive → resolve → dispatch (plan, slot, attempts) → answer (relay) → settle.
 * Everything that touches time or the network happens below this folder's functions; what they decide is pure.
 */

import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { type Active, createActive } from './active.ts';
import { type Answering, answerStream, answerWhole } from './answer.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { type DispatchDeps, dispatch, newJourney } from './dispatch.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { internalError } from './internal-error.ts';
import { receive, resolve } from './receive.ts';
import { draining } from './refusals.ts';
import { errorReply, factsOf } from './reply.ts';
import { type Settle, settlement } from './settle.ts';
import { createSlots, type Slots } from './slots.ts';
import { type Received, type Resolved, wantsStream } from './stages.ts';
import { stampOf } from './stamp.ts';
import { unload } from './unload.ts';

export interface Gateway {
  /** Answers an inference request; never rejects: whatever goes wrong is an answer in the caller's dialect. */
  handle(received: Received): Promise<Response>;
  apply(settings: GatewaySettings): void;
  /** No new work; running streams get the time, then an honest end. Resolves when nothing runs any more. */
  drain(timeoutMs: Millis): Promise<void>;
  stop(): void;
  readonly fleet: Fleet;
  readonly discovery: Discovery;
  readonly slots: Slots;
  readonly active: Active;
}

/** Wires the stages; `settings` may be replaced while requests run. */
export const createGateway = (initial: GatewaySettings, ports: Ports, report: Report): Gateway => {
  let settings = initial;
  const { clock } = ports;
  const fleet = createFleet();
  const slots = createSlots(fleet, ports, () => settings);
  const discovery = createDiscovery(fleet, ports, () => settings, report, slots.wake);
  const active = createActive(clock);
  const deps: DispatchDeps = { fleet, slots, discovery, ports, settings: () => settings };

  /** Whatever was thrown, as the one error the client is told; settled. */
  const refuse = (error: unknown, { requestId }: Received, settle: Settle): GatewayError => {
    const told = internalError(error, requestId, report);
    const failed = settle.journey.failedAttempts.length > 0 ? 'failed' : 'refused';
    settle.end(told.code === 'canceled' ? 'canceled' : failed, told.code, undefined);
    return told;
  };

  const answer = async (resolved: Resolved, settle: Settle): Promise<Response> => {
    const { received, peek } = resolved;
    const stamp = stampOf(received, clock);
    if (peek.residency === 'unload') {
      const done = await unload(resolved, stamp, fleet, ports);
      settle.end('done', '200', undefined);
      return done;
    }
    const answering: Answering = {
      resolved,
      stamp,
      settle,
      deps,
      lastWords: (error) =>
        received.protocol.error.inStream(refuse(error, received, settle), received.requestId),
    };
    const opening = dispatch(resolved, settle.journey, deps);
    if (wantsStream(resolved)) return await answerStream(opening, answering);
    const opened = await opening;
    if (opened.kind === 'whole') return answerWhole(opened, answering);
    throw new RangeError('a stream was opened for a request that wants none');
  };

  const handle = async (received: Received): Promise<Response> => {
    const isDraining = active.draining();
    const settle = settlement(received, { journey: newJourney(), clock, report, active });
    try {
      if (isDraining) throw draining();
      const resolved = resolve(receive(received));
      settle.asked(resolved);
      return await answer(resolved, settle);
    } catch (error) {
      const told = refuse(error, received, settle);
      return errorReply(told, received, factsOf(settle.journey, [], 0));
    }
  };

  fleet.apply(settings);
  return {
    handle,
    apply: (next) => {
      settings = next;
      fleet.apply(next);
      discovery.start();
      slots.wake();
    },
    drain: (timeoutMs) => {
      report({ type: 'drain', running: active.running() });
      slots.refuseAll(draining());
      return active.drain(timeoutMs);
    },
    stop: () => discovery.stop(),
    fleet,
    discovery,
    slots,
    active,
  };
};
