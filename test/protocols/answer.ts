/** What a list of events says, without how finely it was cut. */

import type { ChatEvent } from '../../src/spec/chat-event.ts';
import type { Json } from '../../src/spec/json.ts';
import type { Usage } from '../../src/spec/usage.ts';

/** An answer as a reader of it knows it. */
export interface Answer {
  /** Text and reasoning in their order, neighbours of one kind joined; choices but the first carry their number. */
  readonly said: readonly (readonly [kind: string, text: string])[];
  readonly calls: readonly {
    readonly id?: string | undefined;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly logprobs: readonly Json[];
  /** By choice. */
  readonly finish: readonly (string | undefined)[];
  readonly usage: Usage | undefined;
  readonly error: string | undefined;
}

/** Reads events as a client would, and fails where they break their own rules. */
export const answerOf = (events: readonly ChatEvent[]): Answer => {
  const said: [string, string][] = [];
  const calls: Call[] = [];
  const open = new Set<number>();
  const logprobs: Json[] = [];
  const finish: (string | undefined)[] = [];
  let usage: Usage | undefined;
  let error: string | undefined;

  const say = (kind: string, choice: number, text: string): void => {
    if (finish[choice] !== undefined) throw new Error(`content after the finish of choice ${choice}`);
    const key = choice === 0 ? kind : `${kind} ${choice}`;
    const last = said[said.length - 1];
    if (last !== undefined && last[0] === key) last[1] += text;
    else if (text !== '') said.push([key, text]);
  };

  for (const event of events) {
    if (error !== undefined) throw new Error(`${event.type} after an error`);
    switch (event.type) {
      case 'text-delta':
        say('text', event.choice ?? 0, event.text);
        logprobs.push(...(event.logprobs ?? []));
        break;
      case 'reasoning-delta':
        say('reasoning', event.choice ?? 0, event.text);
        break;
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'tool-call-end':
        readCall(event, calls, open);
        break;
      case 'finish':
        if (open.size > 0) throw new Error('finish with an open tool call');
        if (finish[event.choice ?? 0] !== undefined) throw new Error('two finishes of one choice');
        finish[event.choice ?? 0] = event.reason;
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'error':
        error = event.error.message;
        break;
      default:
    }
  }
  return { said, calls, logprobs, finish, usage, error };
};

interface Call {
  readonly id: string | undefined;
  readonly name: string;
  arguments: string;
}

type CallEvent = Extract<ChatEvent, { type: `tool-call-${string}` }>;

const readCall = (event: CallEvent, calls: Call[], open: Set<number>): void => {
  const call = calls[event.index];
  if (event.type === 'tool-call-start') {
    if (event.index !== calls.length) throw new Error(`call ${event.index} starts as number ${calls.length}`);
    open.add(event.index);
    calls.push({ id: event.id, name: event.name, arguments: '' });
  } else if (call === undefined || !open.has(event.index)) {
    throw new Error(`${event.type} of call ${event.index}, which is not open`);
  } else if (event.type === 'tool-call-delta') call.arguments += event.arguments;
  else open.delete(event.index);
};
