/**
 * The path of a request: receive → dispatch (plan, slot, attempts) → answer (relay) → settle.
 * Everything that touches time or the network happens below this folder's functions; what they decide is pure.
 */

import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { type Active, createActive } from './active.ts';
import { type Answering, answerStream, answerWhole } from './answer.ts';
import { createDepartures, type Departures } from './departure.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { type DispatchDeps, dispatch } from './dispatch.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { internalError } from './internal-error.ts';
import { receive } from './receive.ts';
import { draining } from './refusals.ts';
import { errorReply, factsOf } from './reply.ts';
import { type Account, type Books, openAccount, settle } from './settle.ts';
import { createSlots, type Slots } from './slots.ts';
import { type Received, wantsStream } from './stages.ts';
import { answerUnload } from './unload.ts';

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
  readonly departures: Departures;
}

/** Wires the stages; `settings` may be replaced while requests run. */
export const createGateway = (initial: GatewaySettings, ports: Ports, report: Report): Gateway => {
  let settings = initial;
  const { clock } = ports;
  const fleet = createFleet();
  const slots = createSlots(fleet, ports, () => settings);
  const discovery = createDiscovery(fleet, ports, () => settings, report, slots.wake);
  const active = createActive(clock);
  const books: Books = { clock, report, active };
  const deps: DispatchDeps = { fleet, slots, discovery, ports, settings: () => settings };

  /** Whatever was thrown, as the one error the client is told; settled. */
  const refuse = (error: unknown, account: Account): GatewayError => {
    const told = internalError(error, account.received.requestId, report);
    const failed = account.failedAttempts.length > 0 ? 'failed' : 'refused';
    const outcome = told.code === 'canceled' ? 'canceled' : failed;
    settle(account, { outcome, code: told.code, usage: undefined }, books);
    return told;
  };

  const handle = async (received: Received): Promise<Response> => {
    const isDraining = active.draining();
    const account = openAccount(received, books);
    try {
      if (isDraining) throw draining();
      const resolved = receive(received);
      account.resolved = resolved;
      const answering: Answering = { resolved, account, books, deps };
      if (resolved.peek.residency === 'unload') return await answerUnload(answering);
      const opening = dispatch(resolved, account, deps);
      if (wantsStream(resolved)) {
        const { error } = received.protocol;
        return await answerStream(opening, answering, (thrown) =>
          error.inStream(refuse(thrown, account), received.requestId),
        );
      }
      const opened = await opening;
      if (opened.kind === 'whole') return answerWhole(opened, answering);
      throw new RangeError('a stream was opened for a request that wants none');
    } catch (error) {
      const told = refuse(error, account);
      return errorReply(told, received, factsOf(account, [], 0));
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
    departures: createDepartures(clock.after),
  };
};
