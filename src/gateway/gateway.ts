/**
 * The path of a request: receive → admit → resolve → plan and dispatch → relay → settle.
 * Everything that touches time or the network happens below this folder's functions; what they decide is pure.
 */

import type { Stamp } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { type Active, createActive } from './active.ts';
import type { Opened } from './attempt.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { type DispatchDeps, dispatch, type Journey, learnFailure, newJourney } from './dispatch.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { receive, resolve } from './receive.ts';
import { draining } from './refusals.ts';
import { createRelay, type Relay, type RelayEnd } from './relay.ts';
import { errorReply, factsOf, heartbeatReply, streamReply, wholeReply } from './reply.ts';
import { type Settle, settlement } from './settle.ts';
import { createSlots, type Slots } from './slots.ts';
import type { Received, Resolved } from './stages.ts';
import { stampOf } from './stamp.ts';
import { translatedWhole } from './translated-whole.ts';
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
  const fleet = createFleet();
  const slots = createSlots(fleet, ports, () => settings);
  const discovery = createDiscovery(fleet, ports, () => settings, report, slots.wake);
  const active = createActive(ports.clock);
  const deps: DispatchDeps = { fleet, slots, discovery, ports, settings: () => settings };
  const { clock } = ports;

  const facts = (received: Received, journey: Journey, opened?: Opened) => {
    const spentMs = (opened?.attempt.startedAt ?? clock.now()) - received.arrivedAt - journey.queueMs;
    const failedMs = journey.failedAttempts.reduce((sum, { afterMs }) => sum + afterMs, 0);
    return factsOf(journey, opened?.attempt.request.dropped ?? [], spentMs - failedMs);
  };

  const relayOf = (
    opened: Opened & { kind: 'stream' },
    resolved: Resolved,
    stamp: Stamp,
    settle: Settle,
    late: boolean,
  ): Relay => {
    const { received } = resolved;
    const { attempt } = opened;
    const { lease, request } = attempt;
    settle.content();
    return createRelay({
      opened,
      resolved,
      encoder: request.mode === 'pass' ? undefined : received.protocol.encoder(resolved.neutral(), stamp),
      lateFacts: late ? facts(received, settle.journey, opened) : undefined,
      settle: (end: RelayEnd) => {
        if (end.outcome === 'broken') learnFailure(lease.host, lease.upstream, end.failure, deps);
        lease.release();
        settle.end(end.outcome, end.outcome === 'broken' ? end.failure.class : '200', end.usage);
      },
    });
  };

  const answerWhole = (
    opened: Opened & { kind: 'whole' },
    resolved: Resolved,
    stamp: Stamp,
    settle: Settle,
  ): Response => {
    const { received } = resolved;
    opened.attempt.lease.release();
    settle.content();
    const body = translatedWhole(opened, resolved, stamp);
    settle.end('done', '200', opened.usage);
    return wholeReply(body, received, facts(received, settle.journey, opened), opened);
  };

  const refuse = (error: unknown, received: Received, settle: Settle): GatewayError => {
    const known =
      error instanceof GatewayError ? error : new GatewayError('internal', 'an internal error occurred');
    if (known !== error) {
      const name =
        error instanceof Error ? `${error.name}: ${error.stack?.split('\n')[1]?.trim() ?? ''}` : typeof error;
      report({ type: 'internal-error', requestId: received.requestId, name });
    }
    settle.end(
      known.code === 'canceled'
        ? 'canceled'
        : settle.journey.failedAttempts.length > 0
          ? 'failed'
          : 'refused',
      known.code,
      undefined,
    );
    return known;
  };

  /** Resolves with true when the host is known in time, false when signs of life must begin. */
  const inTime = (opening: Promise<unknown>): Promise<boolean> =>
    new Promise((resolve) => {
      const cancel = clock.after(settings.heartbeat.afterMs, () => resolve(false));
      const known = (): void => {
        cancel();
        resolve(true);
      };
      opening.then(known, known);
    });

  const answerStream = async (resolved: Resolved, stamp: Stamp, settle: Settle): Promise<Response> => {
    const { received } = resolved;
    const opening = dispatch(resolved, settle.journey, deps);
    if (settings.heartbeat.afterMs === 0 || (await inTime(opening))) {
      const opened = await opening;
      if (opened.kind === 'whole') return answerWhole(opened, resolved, stamp, settle);
      return streamReply(
        relayOf(opened, resolved, stamp, settle, false),
        received,
        facts(received, settle.journey, opened),
        opened,
      );
    }
    const relay = opening.then((opened) => {
      if (opened.kind === 'whole') throw new GatewayError('upstream_error', 'the backend sent no stream');
      return relayOf(opened, resolved, stamp, settle, true);
    });
    return heartbeatReply({
      resolved,
      clock,
      heartbeat: settings.heartbeat,
      stamp,
      relay,
      failed: (error) =>
        received.protocol.error.inStream(refuse(error, received, settle), received.requestId),
      canceled: () => received.departure.leave('left'),
    });
  };

  const handle = async (received: Received): Promise<Response> => {
    const refusing = active.draining();
    const settle = settlement(received, { journey: newJourney(), clock, report, active });
    try {
      if (refusing) throw draining();
      const resolved = resolve(receive(received));
      settle.asked(resolved);
      const stamp = stampOf(received, clock);
      if (resolved.peek.stream && resolved.peek.residency === undefined && received.operation !== 'embed') {
        return await answerStream(resolved, stamp, settle);
      }
      if (resolved.peek.residency === 'unload') {
        const done = await unload(resolved, stamp, fleet, ports);
        settle.end('done', '200', undefined);
        return done;
      }
      const opened = await dispatch(resolved, settle.journey, deps);
      if (opened.kind === 'stream')
        throw new GatewayError('internal', 'a stream came where none was asked for');
      return answerWhole(opened, resolved, stamp, settle);
    } catch (error) {
      return errorReply(refuse(error, received, settle), received, facts(received, settle.journey));
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
