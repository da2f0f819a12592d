/** A whole answer put together from its events, for dialects to write as one object. May import spec. */

import type { ChatEvent, FinishReason, Logprobs } from '../spec/chat-event.ts';
import type { Usage } from '../spec/usage.ts';

/** A tool call with its arguments as one JSON text. */
export interface GatheredCall {
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
  arguments: string;
}

/** `data` is base64. */
export interface GatheredImage {
  readonly data: string;
  readonly mediaType: string;
}

/** All that one choice said; a `reason` that is absent means that it has no end. */
export interface GatheredChoice {
  text: string;
  reasoning: string;
  readonly images: GatheredImage[];
  logprobs: Logprobs | undefined;
  reason: FinishReason | undefined;
}

/** The parts of a whole answer. */
export interface Gathered {
  /** By choice; there is always a first. */
  readonly choices: readonly GatheredChoice[];
  readonly toolCalls: readonly GatheredCall[];
  readonly usage: Usage | undefined;
}

/** Concatenates deltas by choice and call; of several usages the last counts. */
export const gather = (events: readonly ChatEvent[]): Gathered => {
  const choices: GatheredChoice[] = [emptyChoice()];
  const toolCalls = new Map<number, GatheredCall>();
  let usage: Usage | undefined;

  const choiceAt = (index: number): GatheredChoice => {
    for (;;) {
      const choice = choices[index];
      if (choice !== undefined) return choice;
      choices.push(emptyChoice());
    }
  };

  for (const event of events) {
    switch (event.type) {
      case 'text-delta': {
        const choice = choiceAt(event.choice ?? 0);
        choice.text += event.text;
        if (event.logprobs !== undefined) choice.logprobs = [...(choice.logprobs ?? []), ...event.logprobs];
        break;
      }
      case 'reasoning-delta':
        choiceAt(event.choice ?? 0).reasoning += event.text;
        break;
      case 'image':
        choiceAt(event.choice ?? 0).images.push({ data: event.data, mediaType: event.mediaType });
        break;
      case 'tool-call-start':
        toolCalls.set(event.index, { index: event.index, id: event.id, name: event.name, arguments: '' });
        break;
      case 'tool-call-delta': {
        const call = toolCalls.get(event.index);
        if (call !== undefined) call.arguments += event.arguments;
        break;
      }
      case 'finish':
        choiceAt(event.choice ?? 0).reason = event.reason;
        break;
      case 'usage':
        usage = event.usage;
        break;
      default:
    }
  }
  return { choices, toolCalls: [...toolCalls.values()], usage };
};

const emptyChoice = (): GatheredChoice => ({
  text: '',
  reasoning: '',
  images: [],
  logprobs: undefined,
  reason: undefined,
});
