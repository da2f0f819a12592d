/** How far a decoder is with an answer of several choices. May import spec. */

import type { ChatEvent } from '../spec/chat-event.ts';

export interface AnswerState {
  /** Whether each choice that began came to its end. */
  readonly finished: boolean[];
  /** Nothing more can be read. */
  isBroken: boolean;
}

/** Whether every choice that began came to its end. */
export const isComplete = ({ finished }: AnswerState): boolean =>
  finished.length > 0 && !finished.includes(false);

/** Nothing more can be read; an answer that has its end already stays as it is. */
export const failAnswer = (state: AnswerState, problem: ChatEvent, events: ChatEvent[]): void => {
  if (state.isBroken || isComplete(state)) return;
  state.isBroken = true;
  events.push(problem);
};
