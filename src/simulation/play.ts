/** Plays the callers of a drawn load against a handler, each conversation turn by turn. */

import { hashText } from '../simulator/seeded-random.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { type CallResult, type Handler, type Message, makeCall } from './caller.ts';
import type { DrawnConversation, DrawnLoad } from './load.ts';
import { question, systemText } from './wording.ts';

/** Who is played to, and who is told of it. */
export interface Audience {
  readonly handler: Handler;
  readonly clock: Clock;
  readonly asked: (id: string) => void;
  readonly ended: (id: string, result: CallResult) => void;
  /** Told of a request's first content, and of a caller's leaving. */
  readonly heard?: (id: string, what: 'content' | 'left') => void;
}

/** Resolves when the clock shows this time. */
export const moment = (clock: Clock, at: Millis): Promise<void> =>
  new Promise((resolve) => {
    clock.after(at - clock.now(), resolve);
  });

/** The name of one request in headers, records and logs. */
export const requestIdOf = ({ index }: DrawnConversation, turn: number): string => `${index}.${turn}`;

/** Asks its questions one after the other, each with all that was said before; ends with the first that is not answered. */
const converse = async (
  conversation: DrawnConversation,
  load: DrawnLoad,
  { handler, clock, asked, ended, heard }: Audience,
): Promise<void> => {
  const { className, model, turns, systemVariant } = conversation;
  const drawn = load.classes[className];
  if (drawn === undefined) return;
  const messages: Message[] = [];
  if (drawn.system !== undefined && systemVariant !== undefined) {
    messages.push({ role: 'system', content: systemText(className, systemVariant, drawn.system.tokens) });
  }
  for (const [turn, { promptTokens, answerTokens, thinkMs, leavesAfterMs }] of turns.entries()) {
    if (turn > 0) await moment(clock, clock.now() + thinkMs);
    const id = requestIdOf(conversation, turn);
    messages.push({ role: 'user', content: question(`#${id}`, hashText(id), promptTokens, answerTokens) });
    asked(id);
    const { protocol: dialect, stream, headers } = drawn;
    const call = { id, dialect, model, stream, messages, headers, leavesAfterMs };
    const result = await makeCall(call, { handler, clock, heard: (what) => heard?.(id, what) });
    ended(id, result);
    if (result.end !== 'done') return;
    messages.push({ role: 'assistant', content: result.text });
  }
};

/** Resolves when the last conversation has ended. */
export const playLoad = async (load: DrawnLoad, audience: Audience): Promise<void> => {
  const running: Promise<void>[] = [];
  for (const conversation of load.conversations) {
    await moment(audience.clock, conversation.startsAt);
    running.push(converse(conversation, load, audience));
  }
  await Promise.all(running);
};
