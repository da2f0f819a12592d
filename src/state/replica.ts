/**
 * The loop that tells others what this instance knows and hears what they know. Nothing waits for it: a request reads what
 * was heard last. A store that fails three times is left alone for a while, and tried again until it is back.
 */

import { type Head, maxDocumentLength, type Stamped } from '../core/cluster/document.ts';
import {
  compareStamps,
  joinKnowledge,
  type Knowledge,
  knowledgeOfBody,
  knowledgeOfHead,
  noKnowledge,
  withoutInstances,
} from '../core/cluster/knowledge.ts';
import { aliveKeys, type Members, memberSeen, withoutLongGone } from '../core/cluster/members.ts';
import { writeBody, writeHead } from '../core/cluster/write-document.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { createAttachment } from './attachment.ts';
import { bodyKey, claimKey, headKey, instanceKey, keyOfHead } from './document-keys.ts';
import { createDocumentReader } from './document-reader.ts';
import { createNamesakes } from './namesakes.ts';
import type { BodyFacts, Replica, ReplicaDeps } from './replica-port.ts';

const beatMs: Millis = 250;
const readEveryMs: Millis = 500;
const listEveryMs: Millis = 2_000;
/** Three of them go into the silence after which an instance counts for nothing. */
const heartbeatMs: Millis = 1_500;
/** A store that clears up by itself may forget an instance after this. */
const lifeMs: Millis = 60_000;
/** Nobody that was silent for so long comes back as the same. */
const longGoneMs: Millis = 10 * 60_000;
const mostMembers = 256;

/** Begins to tell and to hear once it is started. */
export const createReplica = (deps: ReplicaDeps): Replica => {
  const { store, seal, clock, heard, said } = deps;
  const boot = deps.ids().slice(-12);
  const bornAt = clock.now();
  let { instance } = deps;
  let key = instanceKey(instance);
  let knowledge: Knowledge = noKnowledge;
  let members: Members = new Map();
  /** Whose documents lie in the store. */
  const listed = new Set<string>();
  let alive: readonly string[] = [];
  let sequence = 0;
  let bodySequence = 0;
  let bodyOnStore = 0;
  let lastBody: BodyFacts | undefined;
  let lastHead = '';
  let ownText = '';
  /** What was read last: the same again says nothing. */
  let lastTexts: ReadonlyMap<string, string> = new Map();
  let writtenAt = -Infinity;
  let readAt = -Infinity;
  let listedAt = -Infinity;
  let hasWritten = false;
  /** A namesake was read and not yet answered. */
  let hasMet = false;
  let touched = true;
  let stopped = false;
  let cancelBeat = (): void => undefined;
  let running: Promise<void> | undefined;
  const reader = createDocumentReader(seal, (reason) => said({ what: 'ignored', reason }));
  const attachment = createAttachment({ clock, random: deps.random, said });
  const namesakes = createNamesakes(boot, bornAt);

  const stamped = (now: Millis, number: number): Stamped => ({
    instance,
    boot,
    sequence: number,
    upMs: now - bornAt,
  });

  const writeOwnBody = async (now: Millis): Promise<void> => {
    lastBody = deps.body(now) ?? lastBody;
    if (lastBody === undefined) return;
    const number = bodySequence + 1;
    const text = seal.seal(bodyKey(key), writeBody({ ...stamped(now, number), ...lastBody }, now));
    // One that nobody would read is not written; the head says all that matters at once.
    if (text.length > maxDocumentLength) {
      reader.ignore('too-large');
      return;
    }
    bodySequence = number;
    await attachment.within(() => store.write(bodyKey(key), text, lifeMs));
    bodyOnStore = number;
  };

  const writeOwn = async (now: Millis, leaving: 'leaving' | 'staying'): Promise<void> => {
    const fresh = deps.body(now);
    if (fresh !== undefined || bodyOnStore < bodySequence) {
      lastBody = fresh ?? lastBody;
      await writeOwnBody(now);
    }
    const facts = deps.head(now);
    const said = JSON.stringify([writeHead({ ...stamped(0, 0), body: 0, leaving: false, ...facts }, now)]);
    const isDue = touched || said !== lastHead || now - writtenAt >= heartbeatMs || leaving === 'leaving';
    if (!isDue) return;
    sequence += 1;
    const head: Head = {
      ...stamped(now, sequence),
      body: bodyOnStore,
      leaving: leaving === 'leaving',
      ...facts,
    };
    const text = seal.seal(headKey(key), writeHead(head, now));
    if (text.length > maxDocumentLength) {
      reader.ignore('too-large');
      return;
    }
    touched = false;
    hasMet = false;
    lastHead = said;
    ownText = text;
    await attachment.within(() => store.write(headKey(key), text, lifeMs));
    writtenAt = now;
    hasWritten = true;
  };

  const meetNamesake = (other: Head, now: Millis): void => {
    if (namesakes.met(other, now) === 'yield') {
      instance = `${deps.instance}-${deps
        .ids()
        .replace(/[^a-z0-9]/gi, '')
        .slice(0, 6)}`;
      key = instanceKey(instance);
      hasWritten = false;
      said({ what: 'renamed', reason: instance });
    } else sequence = Math.max(sequence, other.sequence);
    bodyOnStore = 0;
    hasMet = true;
    touched = true;
  };

  const readOwn = (texts: ReadonlyMap<string, string>, now: Millis): void => {
    const text = texts.get(headKey(key));
    if (text !== undefined && text === ownText) return;
    const own = text === undefined ? undefined : reader.head(key, text, now);
    if (text === undefined && hasWritten) {
      // The store was emptied: all of it again.
      bodyOnStore = 0;
      bodySequence = Math.max(1, bodySequence);
      touched = true;
    }
    if (own === undefined || own.boot === boot) return;
    if (hasWritten) meetNamesake(own, now);
    else {
      sequence = Math.max(sequence, own.sequence);
      bodySequence = Math.max(bodySequence, own.body);
    }
  };

  const headsIn = (texts: ReadonlyMap<string, string>, now: Millis): Knowledge => {
    let news = noKnowledge;
    const before = lastTexts;
    lastTexts = texts;
    for (const [at, text] of texts) {
      const of = keyOfHead(at);
      if (of === undefined || of === key || before.get(at) === text) continue;
      const known = members.get(of);
      const head = reader.head(of, text, now);
      if (head === undefined || head.boot === boot) continue;
      members = memberSeen(members, of, head, now);
      if (members.get(of) === known) continue;
      news = joinKnowledge(news, knowledgeOfHead(of, head));
    }
    return news;
  };

  const wantedBodies = (heads: Knowledge['heads']): readonly string[] =>
    [...heads].flatMap(([of, head]) => {
      const known = knowledge.bodies.get(of);
      const isKnown = known !== undefined && known.boot === head.boot && known.sequence >= head.body;
      return head.body > 0 && !head.leaving && !isKnown ? [of] : [];
    });

  const readBodies = async (heads: Knowledge['heads'], now: Millis): Promise<Knowledge> => {
    const wanted = wantedBodies(heads);
    if (wanted.length === 0) return noKnowledge;
    const texts = await attachment.within(() => store.read(wanted.map(bodyKey)));
    let news = noKnowledge;
    for (const of of wanted) {
      const text = texts.get(bodyKey(of));
      const body = text === undefined ? undefined : reader.body(of, text, now);
      const known = knowledge.bodies.get(of);
      if (body === undefined || (known !== undefined && compareStamps(body, known) <= 0)) continue;
      news = joinKnowledge(news, knowledgeOfBody(of, body));
    }
    return news;
  };

  /** Who is alive may change without anything being read. */
  const lookWhoIsAlive = (now: Millis): boolean => {
    members = withoutLongGone(members, now, longGoneMs, listed);
    const next = aliveKeys(members, now);
    const changed = next.length !== alive.length || next.some((each, index) => each !== alive[index]);
    alive = next;
    const gone = [...knowledge.heads.keys()].filter((each) => !next.includes(each));
    knowledge = withoutInstances(knowledge, new Set(gone));
    return changed;
  };

  const tell = (news: Knowledge, now: Millis): void => {
    const { heads, bodies } = news;
    knowledge = joinKnowledge(knowledge, { ...noKnowledge, heads, bodies });
    const changed = lookWhoIsAlive(now);
    if (changed || heads.size > 0 || bodies.size > 0) heard(news, now);
  };

  const list = async (now: Millis): Promise<void> => {
    const found = await attachment.within(() => store.keys());
    listedAt = now;
    for (const at of found) {
      const of = keyOfHead(at);
      if (of !== undefined && of !== key && listed.size < mostMembers) listed.add(of);
    }
    for (const of of listed) if (!found.includes(headKey(of)) && !alive.includes(of)) listed.delete(of);
  };
  const readAll = async (): Promise<void> => {
    if (clock.now() - listedAt >= listEveryMs) await list(clock.now());
    const texts = await attachment.within(() => store.read([...listed, key].map(headKey)));
    const now = clock.now();
    readAt = now;
    readOwn(texts, now);
    const heads = headsIn(texts, now);
    tell(heads, now);
    const bodies = await readBodies(knowledge.heads, now);
    if (bodies.bodies.size > 0) tell(bodies, clock.now());
  };

  const step = async (): Promise<void> => {
    try {
      // Read before it is written over: what an earlier run left under this name, or another instance wrote.
      const settling = namesakes.isSettling(clock.now());
      if (settling || clock.now() - readAt >= readEveryMs - beatMs / 2) await readAll();
      // Two that write with each beat would let one of them never be read: each leaves the other its turn.
      const isTurn = !settling || hasMet || clock.now() - writtenAt >= 1.5 * beatMs;
      if (isTurn) await writeOwn(clock.now(), 'staying');
      attachment.succeeded();
    } catch (error) {
      attachment.failed(error);
      touched = true;
    }
  };

  const beat = (): void => {
    if (stopped) return;
    cancelBeat = clock.after(beatMs, beat);
    const now = clock.now();
    if (lookWhoIsAlive(now)) heard(noKnowledge, now);
    if (running !== undefined || !attachment.mayTry(now)) return;
    running = step().finally(() => {
      running = undefined;
    });
  };

  return {
    start: () => {
      cancelBeat();
      cancelBeat = clock.after(0, beat);
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      cancelBeat();
      await running;
      try {
        if (hasWritten && attachment.isAttached()) await writeOwn(clock.now(), 'leaving');
      } catch {
        // It goes anyway; the others see that it is silent.
      }
      await store.close().catch(() => undefined);
    },
    touch: () => {
      touched = true;
    },
    members: () => members,
    alive: () => alive,
    knowledge: () => knowledge,
    key: () => key,
    instance: () => instance,
    attachment: () => attachment.now(),
    claim: async (subject, lifeMs) => {
      const { claim } = store;
      if (claim === undefined || !attachment.isAttached()) return true;
      return await attachment.within(() => claim(claimKey(subject), lifeMs)).catch(() => true);
    },
    ignored: reader.ignored,
  };
};
