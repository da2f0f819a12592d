/** What was heard of the other instances, and which of them are alive; what is news is told. */

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
import type { Millis } from '../spec/vocabulary.ts';
import type { AttachmentLoop } from './attachment.ts';
import { bodyKey, keyOfHead } from './document-keys.ts';
import type { DocumentReader } from './document-reader.ts';
import type { StateStore } from './store.ts';

export interface OtherInstances {
  /** Whether the store is to be asked who is there. */
  isListingDue(now: Millis): boolean;
  list(now: Millis): Promise<void>;
  /** Keys of those whose documents are to be read. */
  listed(): ReadonlySet<string>;
  /** Takes over the heads among what was read, and tells what is new. */
  hearHeads(texts: ReadonlyMap<string, string>, now: Millis): void;
  /** Reads the bodies that heads speak of and that are not known yet. */
  readBodies(now: Millis): Promise<Knowledge>;
  hear(news: Knowledge, now: Millis): void;
  /** Who is alive may change without anything being read. */
  look(now: Millis): void;
  members(): Members;
  alive(): readonly string[];
  knowledge(): Knowledge;
}

export interface OtherInstancesDeps {
  readonly store: StateStore;
  readonly reader: DocumentReader;
  readonly attachment: AttachmentLoop;
  /** What this instance drew at its start, and its key now: its own documents are not another's. */
  readonly boot: string;
  readonly own: () => string;
  readonly heard: (news: Knowledge, now: Millis) => void;
}

const listEveryMs: Millis = 2_000;
/** Nobody that was silent for so long comes back as the same. */
const longGoneMs: Millis = 10 * 60_000;
/** Documents that are read at once. */
const mostMembers = 256;

/** Nobody is known yet. */
export const createOtherInstances = (deps: OtherInstancesDeps): OtherInstances => {
  const { store, reader, attachment, boot, own, heard } = deps;
  let knowledge: Knowledge = noKnowledge;
  let members: Members = new Map();
  /** Those whose documents lie in the store, and of them those that are read. */
  let found: ReadonlySet<string> = new Set();
  let listed: ReadonlySet<string> = new Set();
  let turn = 0;
  let alive: readonly string[] = [];
  let listedAt = -Infinity;
  /** What was read last: the same again says nothing. */
  let lastTexts: ReadonlyMap<string, string> = new Map();

  const headsIn = (texts: ReadonlyMap<string, string>, now: Millis): Knowledge => {
    let news = noKnowledge;
    const before = lastTexts;
    lastTexts = texts;
    for (const [at, text] of texts) {
      const of = keyOfHead(at);
      if (of === undefined || of === own() || before.get(at) === text) continue;
      const known = members.get(of);
      const head = reader.head(of, text, now);
      if (head === undefined || head.boot === boot) continue;
      members = memberSeen(members, of, head, now);
      if (members.get(of) === known) continue;
      // It began anew, and where its documents were lost with lower numbers: what it was before is over.
      if (known !== undefined && known.boot !== head.boot)
        knowledge = withoutInstances(knowledge, new Set([of]));
      news = joinKnowledge(news, knowledgeOfHead(of, head));
    }
    return news;
  };

  const wantedBodies = (): readonly string[] =>
    [...knowledge.heads].flatMap(([of, head]) => {
      const known = knowledge.bodies.get(of);
      const isKnown = known !== undefined && known.boot === head.boot && known.sequence >= head.body;
      return head.body > 0 && !head.leaving && !isKnown ? [of] : [];
    });

  const readBodies = async (now: Millis): Promise<Knowledge> => {
    const wanted = wantedBodies();
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

  const lookWhoIsAlive = (now: Millis): boolean => {
    members = withoutLongGone(members, now, longGoneMs, found);
    const next = aliveKeys(members, now);
    const changed = next.length !== alive.length || next.some((each, index) => each !== alive[index]);
    alive = next;
    const gone = [...knowledge.heads.keys()].filter((each) => !next.includes(each));
    knowledge = withoutInstances(knowledge, new Set(gone));
    return changed;
  };

  const hear = (news: Knowledge, now: Millis): void => {
    const { heads, bodies } = news;
    knowledge = joinKnowledge(knowledge, { ...noKnowledge, heads, bodies });
    const changed = lookWhoIsAlive(now);
    if (changed || heads.size > 0 || bodies.size > 0) heard(news, now);
  };

  const list = async (now: Millis): Promise<void> => {
    const keys = await attachment.within(() => store.keys());
    listedAt = now;
    found = new Set(keys.flatMap((at) => keyOfHead(at) ?? []).filter((of) => of !== own()));
    const silent = [...found].filter((of) => !alive.includes(of));
    const room = Math.max(0, mostMembers - alive.length);
    // A store that nothing expires in may hold more of those that are gone: some are looked at now, and others then.
    turn = silent.length > room ? (turn + room) % silent.length : 0;
    listed = new Set([...alive, ...silent.slice(turn), ...silent.slice(0, turn)].slice(0, mostMembers));
  };

  return {
    isListingDue: (now) => now - listedAt >= listEveryMs,
    list,
    listed: () => listed,
    hearHeads: (texts, now) => hear(headsIn(texts, now), now),
    readBodies,
    hear,
    look: (now) => {
      if (lookWhoIsAlive(now)) heard(noKnowledge, now);
    },
    members: () => members,
    alive: () => alive,
    knowledge: () => knowledge,
  };
};
