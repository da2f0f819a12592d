/**
 * The path of a request: receive → resolve → dispatch (plan, slot, attempts) → answer (relay) → settle.
 * Everything that touches time or the network happens below this folder's functions; what they decide is pure.
 */

import { type DecisionRecord, endRecord, noteRound, openRecord } from '../core/decision.ts';
import { createDecisionRing, type DecisionRing } from '../core/decision-ring.ts';
import { parseMode } from '../core/mode.ts';
import { type PolicyTable, policyTable } from '../core/policy-for.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis, Mode } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import type { Active } from './active.ts';
import { type AnalyzedPage, analyzedPage } from './analyzed.ts';
import { type Answering, answerStream, answerWhole } from './answer.ts';
import { assemble, type GatewayOptions } from './assembly.ts';
import type { Cluster } from './cluster/cluster.ts';
import { createNursery, departureOver } from './departure.ts';
import type { Discovery } from './discovery.ts';
import { dispatch } from './dispatch.ts';
import { createFeedback, type Feedback } from './feedback.ts';
import type { Fleet } from './fleet.ts';
import { withPictures } from './images.ts';
import { internalError } from './internal-error.ts';
import { createLateness } from './lateness.ts';
import { readableParts } from './long-texts.ts';
import { analysisOf } from './open-model.ts';
import { chargeFor, type Quotas } from './quotas.ts';
import { createRawHandler } from './raw.ts';
import type { RawLimits, RawReceived, RawSource } from './raw-body.ts';
import { recalled } from './recall.ts';
import { receive } from './receive.ts';
import { draining, unknownModel } from './refusals.ts';
import { errorReply, factsOf, noFacts } from './reply.ts';
import { createResidency, type Residency } from './residency.ts';
import { type ResolveDeps, resolve } from './resolve.ts';
import { type Account, openAccount, settle } from './settle.ts';
import type { Slots } from './slots.ts';
import { type Parsed, type Received, type Resolved, wantsStream } from './stages.ts';
import { createStoredResponses, type StoredResponses } from './stored-responses.ts';
import { answerUnload } from './unload.ts';

export interface Gateway {
  /** Counts a request of a key with limits before its body is read; where it has none left, the answer that says so. */
  turnAway(received: Received): Response | undefined;
  /** Answers an inference request; never rejects: whatever goes wrong is an answer in the caller's dialect. */
  handle(received: Received, body: Promise<Uint8Array>): Promise<Response>;
  /** The same for what passes as it is; the body is read as it is sent on. */
  handleRaw(received: RawReceived, source: Promise<RawSource>, limits: RawLimits): Promise<Response>;
  /** Where a request would go now; nothing is sent anywhere. Rejects with what the request would be refused with. */
  plan(received: Received, body: Promise<Uint8Array>): Promise<DecisionRecord>;
  /** What is found in the request, and what would be chosen for it. Rejects as `plan` does, but for a model nobody has. */
  analyze(received: Received): Promise<AnalyzedPage>;
  readonly feedback: Feedback;
  /** The last decisions. */
  readonly decisions: DecisionRing;
  /** Answers that later requests may refer to. */
  readonly stored: StoredResponses;
  mode(): Mode;
  /** Holds for all that is decided from now on; what runs goes on. Throws `invalid_request` for a mode that does not exist. */
  setMode(name: string): void;
  /** Brings a model into memory, or puts it out, as somebody said. */
  readonly residency: Residency;
  apply(settings: GatewaySettings): void;
  /** No new work; running streams get the time, then an honest end. Resolves when nothing runs any more. */
  drain(timeoutMs: Millis): Promise<void>;
  stop(): void;
  /** Milliseconds of the clock that everything here is timed by. */
  now(): Millis;
  readonly fleet: Fleet;
  readonly discovery: Discovery;
  readonly slots: Slots;
  readonly active: Active;
  /** What keys with limits may still use. */
  readonly quotas: Quotas;
  /** This instance among others. */
  readonly cluster: Cluster;
}

/** Wires the stages; `settings` may be replaced while requests run. */
export const createGateway = (
  initial: GatewaySettings,
  ports: Ports,
  report: Report,
  options: GatewayOptions = {},
): Gateway => {
  let settings = initial;
  let policies: PolicyTable = policyTable(initial);
  let { mode } = initial;
  const switchTo = (next: Mode): void => {
    if (next === mode) return;
    const before = mode;
    mode = next;
    report({ type: 'mode', mode, before });
  };
  const { clock } = ports;
  const settingsNow = (): GatewaySettings => settings;
  const modeNow = (): Mode => mode;
  const assembly = assemble(initial, ports, report, { settings: settingsNow, mode: modeNow }, options);
  const { fleet, slots, loads, discovery, cluster, quotas, backends, active, books, deps } = assembly;
  const lookAfter = createNursery(clock.after);
  const stored = createStoredResponses(clock, () => settings.responses);
  const resolving: ResolveDeps = {
    fleet,
    settings: settingsNow,
    policies: () => policies,
    mode: modeNow,
    now: clock.now,
  };
  const feedback = createFeedback(clock, options.feedbackLog ?? (() => undefined));
  const decisions = createDecisionRing(initial.decisions.keep);
  const residency = createResidency({ fleet, loads, discovery, ports });
  const lateness = createLateness({ clock, active, wake: slots.wake });

  /** Whatever was thrown, as the one error the client is told; settled. */
  const refuse = (error: unknown, account: Account): GatewayError => {
    const told = internalError(error, account.received.requestId, report);
    const failed = account.failedAttempts.length > 0 ? 'failed' : 'refused';
    const outcome = told.code === 'canceled' ? 'canceled' : failed;
    settle(account, { outcome, code: told.code, usage: undefined, quota: told.details.quota }, books);
    return told;
  };

  /** Whether a name is unknown only because some host was not looked at yet. */
  const isEarly = ({ peek }: Parsed): boolean => !fleet.has(peek.model) && !fleet.settled();

  const recordOf = ({ received, peek }: Parsed): DecisionRecord =>
    openRecord({
      requestId: received.requestId,
      principal: received.principal.name,
      model: peek.model,
      atUnixMs: clock.wallMs(),
    });

  /** Any error as the last bytes of a stream, settled. */
  const lastWordsOf =
    (account: Account) =>
    (thrown: unknown): Uint8Array => {
      const { protocol, requestId } = account.received;
      return protocol.error.inStream(refuse(thrown, account), requestId);
    };

  const handle = async (received: Received, body: Promise<Uint8Array>): Promise<Response> => {
    try {
      received.bytes = await body;
    } catch (error) {
      return errorReply(internalError(error, received.requestId, report), received, noFacts);
    }
    lookAfter(received.departure);
    const isDraining = active.draining();
    const account = openAccount(received, books);
    lateness.begin();
    try {
      if (isDraining) throw draining();
      const checked = recalled(receive(received), stored);
      account.parsed = checked;
      if (isEarly(checked)) await discovery.settled();
      const pictured = withPictures(checked, fleet, settings.egress, ports);
      const parsed = pictured instanceof Promise ? await pictured : pictured;
      const resolved = resolve(parsed, resolving);
      const answering: Answering = { resolved, account, books, deps, stored };
      if (resolved.peek.residency === 'unload') return await answerUnload(answering, residency);
      account.record = recordOf(parsed);
      decisions.add(account.record);
      if (received.principal.isLimited === true) account.charge = chargeFor(resolved, quotas, clock.now());
      const opening = dispatch(resolved, account, deps);
      if (resolved.ask.auto !== undefined) noteServed(opening, resolved, account);
      if (wantsStream(resolved)) {
        return await answerStream(opening, answering, lastWordsOf(account));
      }
      const opened = await opening;
      if (opened.kind === 'whole') return answerWhole(opened, answering);
      throw new RangeError('a stream was opened for a request that wants none');
    } catch (error) {
      const told = refuse(error, account);
      return errorReply(told, received, factsOf(account, [], 0));
    }
  };

  const noteServed = (opening: Promise<unknown>, resolved: Resolved, account: Account): void => {
    opening.then(
      () => {
        if (account.lease !== undefined) feedback.served(resolved, account.lease);
      },
      () => undefined,
    );
  };

  const placed = (resolved: Resolved): DecisionRecord => {
    const { received } = resolved;
    const record = recordOf(resolved);
    const look = slots.look(resolved);
    noteRound(record, look);
    const durationMs = clock.now() - received.arrivedAt;
    endRecord(record, { outcome: 'planned', code: '200', queueMs: 0, durationMs });
    return record;
  };

  const plan = async (received: Received, body: Promise<Uint8Array>): Promise<DecisionRecord> => {
    try {
      received.bytes = await body;
      const parsed = recalled(receive(received), stored);
      if (isEarly(parsed)) await discovery.settled();
      const resolved = resolve(parsed, resolving);
      if (resolved.served === undefined) throw unknownModel(resolved.ask, fleet);
      return placed(resolved);
    } finally {
      departureOver(received.departure);
    }
  };

  const analyze = async (received: Received): Promise<AnalyzedPage> => {
    try {
      const parsed = receive(received);
      if (isEarly(parsed)) await discovery.settled();
      const resolved = resolve(parsed, resolving);
      const parts = received.protocol.prompt(parsed.body);
      const analysis = resolved.ask.auto?.analysis ?? analysisOf(parsed, parts);
      const { parts: readable } = readableParts(parts, parsed.large);
      return analyzedPage(analysis, readable, resolved.served && placed(resolved));
    } finally {
      departureOver(received.departure);
    }
  };

  return {
    turnAway: (received) => {
      try {
        quotas.takeRequest(received.principal.name, received.arrivedAt);
        return undefined;
      } catch (error) {
        return errorReply(refuse(error, openAccount(received, books)), received, noFacts);
      }
    },
    handle,
    handleRaw: createRawHandler({
      lookAfter,
      books,
      resolving,
      deps,
      decisions,
      isEarly,
      recordOf,
      refuse,
      stored,
    }),
    plan,
    analyze,
    feedback,
    decisions,
    residency,
    stored,
    mode: modeNow,
    setMode: (name) => {
      switchTo(parseMode(name));
      slots.wake();
    },
    apply: (next) => {
      // What was switched by hand stays until the configuration itself says something else.
      if (next.mode !== settings.mode) switchTo(next.mode);
      settings = next;
      policies = policyTable(next);
      decisions.resize(next.decisions.keep);
      quotas.apply(next.limitedKeys ?? []);
      backends.take();
      slots.wake();
    },
    drain: (timeoutMs) => {
      report({ type: 'drain', running: active.running() });
      slots.refuseAll(draining());
      return active.drain(timeoutMs);
    },
    stop: () => {
      discovery.stop();
      loads.stop();
      void cluster.leave();
    },
    fleet,
    discovery,
    slots,
    active,
    now: clock.now,
    quotas,
    cluster,
  };
};
