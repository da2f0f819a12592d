/**
 * The oracle that policies are measured by: it knows how long every answer will be and how fast every host truly is,
 * and sends each request, as it comes, to the host where it costs least. Greedy: it never changes its mind.
 */

import type { FleetFile } from '../config/simulation-files.ts';
import { simulatedModel } from '../simulator/catalogue.ts';
import type { HostSettings } from '../simulator/host-settings.ts';
import { settleOptions } from '../simulator/host-settings.ts';
import { neededBytes } from '../simulator/placement.ts';
import { createPace, type Pace } from '../simulator/rates.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Handler } from './caller.ts';
import { type DrawnLoad, sentTokens } from './load.ts';
import { hostModel, type Member } from './members.ts';
import type { Trace } from './trace.ts';
import { watchedBody } from './watched-body.ts';
import type { Hosts } from './world.ts';

/** What a token of the answer after the first counts against one before it: a reader follows along. */
const decodeWeight = 0.3;

/** Between equals the host goes first that would forget least by it. */
const forgettingMs = 1;

/** What is true of one request, wherever it goes. */
interface Truth {
  readonly id: string;
  readonly conversation: number;
  readonly model: string;
  readonly sentTokens: number;
  /** Sent before with the same beginning; on the host that saw it these need no reading. */
  readonly knownTokens: number;
  readonly answerTokens: number;
}

interface Job extends Truth {
  readonly start: () => void;
}

interface Residence {
  readonly model: string;
  readonly bytes: number;
}

/** A host as the oracle follows it. */
interface Followed {
  readonly member: Member;
  readonly settings: HostSettings;
  readonly pace: Pace;
  /** By request: when it will end. */
  readonly running: Map<string, Millis>;
  readonly queue: Job[];
  /** What will be in memory once all that was sent there has begun; the least recently used first. */
  resident: Residence[];
  /** Conversations whose last turn was answered here, as many as there are slots to remember them; the oldest first. */
  readonly known: Map<number, string>;
}

interface Forecast {
  readonly firstAt: Millis;
  readonly endsAt: Millis;
}

const millisFrom = (pace: Pace, tokens: number, answerTokens: number, bytes: number, active: number) => {
  const placement = { sizeBytes: bytes, vramBytes: bytes };
  return {
    prefillMs: pace.prefillMs(tokens, bytes, placement),
    decodeMs: answerTokens * pace.tokenMs(active, bytes, placement),
  };
};

const modelOn = (fleet: FleetFile, host: Followed, name: string) => {
  const listed = hostModel(fleet, name, host.member);
  return listed === undefined ? undefined : simulatedModel(listed);
};

/** Brings a model in as the engine would: whoever was used longest ago leaves until it fits. */
const admit = (resident: readonly Residence[], wanted: Residence, settings: HostSettings) => {
  const others = resident.filter(({ model }) => model !== wanted.model);
  const capacity = settings.vramBytes > 0 ? settings.vramBytes : settings.ramBytes;
  const used = (): number => others.reduce((sum, { bytes }) => sum + bytes, 0);
  while (others.length > 0 && (used() + wanted.bytes > capacity || others.length + 1 > settings.maxLoaded)) {
    others.shift();
  }
  return { loads: others.length === resident.length, resident: [...others, wanted] };
};

const forecast = (fleet: FleetFile, host: Followed, jobs: readonly Truth[], now: Millis) => {
  const { settings, pace, running } = host;
  const free = [...running.values()].map((at) => Math.max(at, now));
  while (free.length < settings.slots) free.push(now);
  let { resident } = host;
  let loadFreeAt = now;
  let last: Forecast | undefined;
  for (const job of jobs) {
    const model = modelOn(fleet, host, job.model);
    if (model === undefined) return undefined;
    free.sort((left, right) => left - right);
    let at = free[0] ?? now;
    const bytes = neededBytes({
      key: '',
      name: '',
      model,
      contextTokens: Math.min(settings.contextTokens, model.contextTokens),
      parallel: settings.slots,
      loadOptions: '',
    });
    const admitted = admit(resident, { model: job.model, bytes }, settings);
    resident = admitted.resident;
    if (admitted.loads) {
      loadFreeAt = Math.max(at, loadFreeAt) + pace.loadMs(model.sizeBytes);
      at = loadFreeAt;
    }
    const known = host.known.get(job.conversation) === job.model ? job.knownTokens : 0;
    const active = Math.min(settings.slots, running.size + jobs.length);
    const work = millisFrom(pace, job.sentTokens - known, job.answerTokens, model.sizeBytes, active);
    const firstAt = at + work.prefillMs;
    last = { firstAt, endsAt: firstAt + work.decodeMs };
    free[0] = last.endsAt;
  }
  return last === undefined ? undefined : { ...last, resident };
};

export interface ClairvoyantOptions {
  readonly fleet: FleetFile;
  readonly members: readonly Member[];
  readonly load: DrawnLoad;
  readonly hosts: Hosts;
  readonly clock: Clock;
  readonly trace: Trace;
}

const truthsOf = (load: DrawnLoad): ReadonlyMap<string, Truth> => {
  const truths = new Map<string, Truth>();
  for (const { index, model, className, turns } of load.conversations) {
    const sent = sentTokens(turns, load.classes[className]?.system?.tokens ?? 0);
    for (const [turn, { answerTokens, promptTokens }] of turns.entries()) {
      const id = `${index}.${turn}`;
      const tokens = sent[turn] ?? promptTokens;
      const knownTokens = turn === 0 ? 0 : tokens - promptTokens;
      truths.set(id, { id, conversation: index, model, sentTokens: tokens, knownTokens, answerTokens });
    }
  }
  return truths;
};

const pathOn = (kind: string): string => (kind === 'ollama' ? '/api/chat' : '/v1/chat/completions');

/** A handler for the requests of a drawn load, in the place of the application. */
export const createClairvoyant = ({
  fleet,
  members,
  load,
  hosts,
  clock,
  trace,
}: ClairvoyantOptions): { readonly handler: Handler; readonly stop: () => void } => {
  const truths = truthsOf(load);
  const followed: readonly Followed[] = members.map((member) => {
    const settings = settleOptions(member.options);
    const pace = createPace(settings.rates, settings.speedup, settings.vramBytes > 0);
    return { member, settings, pace, running: new Map(), queue: [], resident: [], known: new Map() };
  });

  const choose = (truth: Truth): Followed | undefined => {
    const now = clock.now();
    let best: Followed | undefined;
    let least = Infinity;
    for (const host of followed) {
      const expected = forecast(fleet, host, [...host.queue, truth], now);
      if (expected === undefined) continue;
      const waitMs = expected.firstAt - now + decodeWeight * (expected.endsAt - expected.firstAt);
      const cost = waitMs + (host.known.has(truth.conversation) ? 0 : host.known.size * forgettingMs);
      if (cost < least) {
        least = cost;
        best = host;
      }
    }
    return best;
  };

  const begin = (host: Followed): void => {
    while (host.running.size < host.settings.slots) {
      const job = host.queue.shift();
      if (job === undefined) return;
      const expected = forecast(fleet, host, [job], clock.now());
      if (expected !== undefined) host.resident = expected.resident;
      host.running.set(job.id, expected?.endsAt ?? clock.now());
      job.start();
    }
  };

  const turnFor = (host: Followed, truth: Truth, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const job: Job = { ...truth, start: resolve };
      host.queue.push(job);
      signal.addEventListener('abort', () => {
        const index = host.queue.indexOf(job);
        if (index < 0) return;
        host.queue.splice(index, 1);
        reject(signal.reason);
      });
      begin(host);
    });

  const handler: Handler = async (request) => {
    const id = request.headers.get('x-request-id') ?? '';
    const truth = truths.get(id);
    const host = truth === undefined ? undefined : choose(truth);
    if (truth === undefined || host === undefined)
      return Response.json({ error: 'no host' }, { status: 404 });
    const { origin, options, id: hostId } = host.member;
    trace.add(clock.now(), 'chosen', id, hostId);
    const body = (await request.json()) as object;
    const model = hostModel(fleet, truth.model, host.member)?.replace(/=.*$/, '');
    await turnFor(host, truth, request.signal);
    const over = (): void => {
      if (!host.running.delete(id)) return;
      for (const { known } of followed) known.delete(truth.conversation);
      host.known.set(truth.conversation, truth.model);
      const [oldest] = host.known.keys();
      if (host.known.size > host.settings.slots && oldest !== undefined) host.known.delete(oldest);
      begin(host);
    };
    try {
      const reply = await hosts.fetch(`${origin}${pathOn(options.kind)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new TextEncoder().encode(JSON.stringify({ ...body, model })),
        signal: request.signal,
      });
      const headers = {
        'content-type': reply.headers.get('content-type') ?? '',
        'x-pointsman-backend': hostId,
      };
      const stream = reply.body === null ? null : watchedBody(reply.body, over);
      return new Response(stream, { status: reply.status, headers });
    } catch (error) {
      over();
      throw error;
    }
  };

  return { handler, stop: () => undefined };
};
