/** How far a decoder is with an answer of several choices. May import spec. */

import type { ChatEvent } from '../spec/chat-event.ts';
import { asNumber, type Json } from '../spec/json.ts';

export interface AnswerState {
  /** Whether each choice that began came to its end. */
  readonly finished: boolean[];
  /** Nothing more can be read. */
  isBroken: boolean;
}

/** OpenAI's own bound for `n`, and more than Google ever gives; it also keeps a wrong index from growing a list. */
const maxChoices = 128;

/** Whether every choice that began came to its end. */
export const isComplete = ({ finished }: AnswerState): boolean =>
  finished.length > 0 && !finished.includes(false);

/** Nothing more can be read; an answer that has its end already stays as it is. */
export const failAnswer = (state: AnswerState, problem: ChatEvent, events: ChatEvent[]): void => {
  if (state.isBroken || isComplete(state)) return;
  state.isBroken = true;
  events.push(problem);
};

/** Which choice is read on, by its index or else its place in a list: it has begun by that. Undefined for one that is over. */
export const choiceRead = (
  { finished }: AnswerState,
  given: Json | undefined,
  position: number,
): number | undefined => {
  const index = asNumber(given) ?? position;
  if (!Number.isInteger(index) || index < 0 || index >= maxChoices || finished[index] === true)
    return undefined;
  while (finished.length <= index) finished.push(false);
  return index;
};
