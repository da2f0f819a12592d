/** Conversations played over equal hosts in virtual time, each turn placed by affinity: what the tests measure shares on. */

import {
  type AffinityAsk,
  type AffinityHost,
  affinityOf,
  createAffinity,
  noteServed,
} from '../../src/core/affinity.ts';
import { addWork, createLoadShare } from '../../src/core/load-share.ts';
import { createPrefixCache, type PrefixCache, prefixHit, remember } from '../../src/core/prefix-cache.ts';
import { type ConversationPart, type PrefixChain, prefixChainOf } from '../../src/core/prefix-chain.ts';
import { seededRandom } from '../../src/core/random.ts';

const chainTokens = ({ tokens }: PrefixChain): number => tokens.at(-1) ?? 0;

export interface Played {
  readonly seed: number;
  readonly conversations: number;
  readonly turns: number;
  /** Tokens of the instructions all conversations begin with, of about 8,000 in a first prompt. */
  readonly sharedTokens: number;
  /** Whether every conversation also begins with the same first message. */
  readonly firstMessage: 'own' | 'same';
  /** Mean seconds between an answer and the next turn. */
  readonly thinkSeconds: number;
}

export interface Shares {
  /** Of the later turns, those that found nearly all of the conversation's earlier prompt. */
  readonly found: number;
  /** The busiest host over the mean, by requests and by time. */
  readonly mostRequests: number;
  readonly mostBusy: number;
  /** Mean share of slots in use. */
  readonly utilisation: number;
}

const slots = 2;
const prefillPerSecond = 2000;
const answerSeconds = 4;
const charactersPerToken = 4;

interface Host {
  readonly backend: string;
  /** What affinity believes, and what the host really keeps: eight conversations or so. */
  readonly believed: PrefixCache;
  readonly kept: PrefixCache;
  inflight: number;
  readonly waiting: (() => void)[];
  requests: number;
  busyMs: number;
}

const words = (characters: number, name: string): string =>
  `${name} said so. `.repeat(Math.ceil(characters / (name.length + 10))).slice(0, characters);

export const playConversations = (played: Played): Shares => {
  const random = seededRandom(played.seed);
  const hosts: Host[] = ['a', 'b', 'c', 'd'].map((backend) => ({
    backend,
    believed: createPrefixCache({ maxTokens: 150_000 }),
    kept: createPrefixCache({ maxTokens: 150_000 }),
    inflight: 0,
    waiting: [],
    requests: 0,
    busyMs: 0,
  }));
  const load = createLoadShare();
  const state = createAffinity(load);
  const agenda: { at: number; run: () => void }[] = [];
  let now = 0;
  let laterTurns = 0;
  let found = 0;
  const after = (delayMs: number, run: () => void): void => {
    agenda.push({ at: now + delayMs, run });
  };
  const think = (): number => -Math.log(1 - random()) * played.thinkSeconds * 1000;

  const view = (host: Host, hitTokens: number): AffinityHost => ({
    backend: host.backend,
    slots,
    inflight: host.inflight,
    waitMs: (Math.max(0, host.inflight + host.waiting.length - slots + 1) * 4500) / slots,
    hitTokens,
    prefillPerSecond,
  });

  const turn = (parts: readonly ConversationPart[], left: number, earlierTokens: number): void => {
    const chain = prefixChainOf('m', parts);
    const ask: AffinityAsk = { model: 'm', intent: 'fast', sessionKey: undefined, chain };
    const views = hosts.map((host) => view(host, prefixHit(host.believed, chain)));
    const affinity = affinityOf(ask, views, state, now);
    const cost = (index: number): number => (affinity[index] ?? 0) - (views[index]?.waitMs ?? 0) / 1e9;
    const [host] = [...hosts].sort((left, right) => cost(hosts.indexOf(right)) - cost(hosts.indexOf(left)));
    if (host === undefined) return;
    const believedTokens = prefixHit(host.believed, chain);
    const uncached = chainTokens(chain) - believedTokens;
    addWork(
      load,
      host.backend,
      { serviceMs: (uncached / prefillPerSecond + answerSeconds) * 1000, slots },
      now,
    );
    remember(host.believed, chain);
    const begin = (): void => {
      const held = prefixHit(host.kept, chain);
      remember(host.kept, chain);
      if (earlierTokens > 0) {
        laterTurns += 1;
        if (held >= 0.95 * earlierTokens) found += 1;
      }
      const serviceMs = ((chainTokens(chain) - held) / prefillPerSecond + answerSeconds) * 1000;
      host.requests += 1;
      host.busyMs += serviceMs;
      after(serviceMs, () => {
        const next = host.waiting.shift();
        if (next === undefined) host.inflight -= 1;
        else next();
        noteServed(
          state,
          { ask, backend: host.backend, backends: hosts.map((each) => each.backend), how: 'well' },
          now,
        );
        if (left === 0) return;
        const said = `${random()}`;
        const longer = [
          ...parts,
          { role: 'assistant', text: words(800, said) },
          { role: 'user', text: words(400, said) },
        ];
        after(think(), () => turn(longer, left - 1, chainTokens(chain)));
      });
    };
    if (host.inflight < slots) {
      host.inflight += 1;
      begin();
    } else host.waiting.push(begin);
  };

  const shared = played.sharedTokens * charactersPerToken;
  for (let index = 0; index < played.conversations; index += 1) {
    const first = played.firstMessage === 'own' ? `writer ${random()}` : 'everybody';
    const parts = [
      { role: 'system', text: words(shared, 'the rule') },
      { role: 'user', text: words(32_000 - shared, first) },
    ];
    after(think(), () => turn(parts, played.turns - 1, 0));
  }
  while (agenda.length > 0) {
    agenda.sort((left, right) => left.at - right.at);
    const event = agenda.shift();
    if (event === undefined) break;
    now = event.at;
    event.run();
  }
  const most = (of: (host: Host) => number): number =>
    Math.max(...hosts.map(of)) / (hosts.reduce((sum, host) => sum + of(host), 0) / hosts.length);
  return {
    found: found / Math.max(1, laterTurns),
    mostRequests: most((host) => host.requests),
    mostBusy: most((host) => host.busyMs),
    utilisation: hosts.reduce((sum, host) => sum + host.busyMs, 0) / (hosts.length * slots * now),
  };
};
