/** Tool-call deltas of one answer, keyed by the wire's index, to events. May import spec. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asNumber, asObject, asString, type Json } from '../../spec/json.ts';
import { readArguments } from './schema.ts';

interface Call {
  id: string | undefined;
  /** Its number among the calls that have a name; -1 until then. */
  number: number;
  /** Arguments that came before the name. */
  waiting: string;
}

/** Turns deltas into starts, deltas and ends; a call starts when its name is known, which may be late. */
export interface ToolCallReader {
  /** `from` says what tells calls without an index apart: their place in a whole message, or their ids in a stream. */
  read(deltas: readonly Json[], events: ChatEvent[], from: 'message' | 'stream'): void;
  /** Ends every call; false where a call has arguments but never got a name. */
  finish(events: ChatEvent[]): boolean;
  count(): number;
}

/** A reader for one answer. */
export const createToolCallReader = (): ToolCallReader => {
  const calls = new Map<number, Call>();
  let named = 0;
  let ended = 0;
  let last = -1;

  /** Without an index, a new id means a new call; without either, the delta belongs to the last one. */
  const keyOf = (index: number | undefined, id: string | undefined): number => {
    if (index !== undefined) return index;
    return id !== undefined && calls.get(last)?.id !== id ? last + 1 : last;
  };

  const readDelta = (value: Json, events: ChatEvent[], place: number | undefined): void => {
    const delta = asObject(value);
    if (delta === undefined) return;
    const id = asString(delta.id);
    last = keyOf(asNumber(delta.index) ?? place, id);
    let call = calls.get(last);
    if (call === undefined) {
      call = { id, number: -1, waiting: '' };
      calls.set(last, call);
    }
    call.id ??= id;
    const called = asObject(delta.function);
    const fragment = readArguments(called?.arguments);
    if (call.number >= 0) {
      if (fragment !== '') events.push({ type: 'tool-call-delta', index: call.number, arguments: fragment });
      return;
    }
    call.waiting += fragment;
    const name = asString(called?.name);
    if (name === undefined || name === '') return;
    call.number = named;
    named += 1;
    events.push({ type: 'tool-call-start', index: call.number, id: call.id, name });
    if (call.waiting !== '') {
      events.push({ type: 'tool-call-delta', index: call.number, arguments: call.waiting });
      call.waiting = '';
    }
  };

  return {
    read: (deltas, events, from) => {
      for (const [place, delta] of deltas.entries()) {
        readDelta(delta, events, from === 'message' ? place : undefined);
      }
    },
    finish: (events) => {
      for (; ended < named; ended += 1) events.push({ type: 'tool-call-end', index: ended });
      for (const call of calls.values()) if (call.number < 0 && call.waiting !== '') return false;
      return true;
    },
    count: () => named,
  };
};
