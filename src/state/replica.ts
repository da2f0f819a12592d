/**
 * The loop that tells others what this instance knows and hears what they know. Nothing waits for it: a request reads what
 * was heard last. A store that fails three times is left alone for a while, and tried again until it is back.
 */

import { type Head, maxDocumentLength, type Stamped } from '../core/cluster/document.ts';
import { writeBody, writeHead } from '../core/cluster/write-document.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { createAttachment } from './attachment.ts';
import { bodyKey, claimKey, headKey, instanceKey } from './document-keys.ts';
import { createDocumentReader } from './document-reader.ts';
import { createNamesakes } from './namesakes.ts';
import { createOtherInstances } from './other-instances.ts';
import type { BodyFacts, Replica, ReplicaDeps } from './replica-port.ts';

const beatMs: Millis = 250;
const readEveryMs: Millis = 500;
/** Three of them go into the silence after which an instance counts for nothing. */
const heartbeatMs: Millis = 1_500;
/** A store that clears up by itself may forget an instance after this. */
const lifeMs: Millis = 60_000;

/** Begins to tell and to hear once it is started. */
export const createReplica = (deps: ReplicaDeps): Replica => {
  const { store, seal, clock, heard, said } = deps;
  const boot = deps.ids().slice(-12);
  const bornAt = clock.now();
  let { instance } = deps;
  let key = instanceKey(instance);
  let sequence = 0;
  let bodySequence = 0;
  let bodyOnStore = 0;
  let lastBody: BodyFacts | undefined;
  let lastHead = '';
  let ownText = '';
  let writtenAt = -Infinity;
  let readAt = -Infinity;
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
  const others = createOtherInstances({ store, reader, attachment, boot, own: () => key, heard });

  const stamped = (now: Millis, number: number): Stamped => ({
    instance,
    boot,
    sequence: number,
    upMs: now - bornAt,
  });

  const writeOwnBody = async (now: Millis): Promise<void> => {
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
    lastBody = fresh ?? lastBody;
    if (fresh !== undefined || bodyOnStore < bodySequence) await writeOwnBody(now);
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

  const readAll = async (): Promise<void> => {
    if (others.isListingDue(clock.now())) await others.list(clock.now());
    const texts = await attachment.within(() => store.read([...others.listed(), key].map(headKey)));
    const now = clock.now();
    readAt = now;
    readOwn(texts, now);
    others.hearHeads(texts, now);
    const bodies = await others.readBodies(now);
    if (bodies.bodies.size > 0) others.hear(bodies, clock.now());
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
    others.look(now);
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
    members: others.members,
    alive: others.alive,
    knowledge: others.knowledge,
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
