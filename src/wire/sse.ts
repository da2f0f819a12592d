/** Server-sent events: bytes to events and back. Imports this folder and eventsource-parser. */

import { createParser } from 'eventsource-parser';
import { FrameTooLarge } from './frame-too-large.ts';
import { encodeUtf8 } from './utf8.ts';
import { createWholeLines } from './whole-lines.ts';

const DEFAULT_MAX_EVENT_BYTES = 8 * 1024 * 1024;
const NO_EVENTS: readonly SseEvent[] = [];

/** One event; `event` is absent where the stream names none. An empty `data:` line gives empty data. */
export interface SseEvent {
  readonly event?: string;
  readonly data: string;
}

/**
 * A push machine from bytes to events; any re-chunking of the same bytes gives the same events.
 * Both methods throw `FrameTooLarge` once an event passes its limit and all events before it were given.
 */
export interface SseFramer {
  push(chunk: Uint8Array): readonly SseEvent[];
  /** The last event, where the stream closed without its blank line; servers do, and clients take it. */
  end(): readonly SseEvent[];
}

/** What one event may cost. */
export interface SseFramerOptions {
  /** The longest line in bytes, and the longest data in UTF-16 units, which are bytes for ASCII. Default 8 MiB. */
  readonly maxEventBytes?: number;
}

/** The parser searches all that is left for a line feed at each carriage return; with one kind it looks once. */
const withLineFeeds = (text: string): string =>
  text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;

/** Reads an event stream; comments, ids and retry hints mean nothing to a relay and are dropped. */
export const createSseFramer = (options: SseFramerOptions = {}): SseFramer => {
  const maxEventBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  const lines = createWholeLines({ maxLineBytes: maxEventBytes, lineBreak: 'line-feed-or-carriage-return' });
  let events: SseEvent[] = [];
  let tooLarge = false;

  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent: (event) => {
      if (event.data.length > maxEventBytes) tooLarge = true;
      if (!tooLarge) events.push(event);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') tooLarge = true;
    },
  });

  const feed = (text: string): readonly SseEvent[] => {
    if (text === '') return NO_EVENTS;
    parser.feed(withLineFeeds(text));
    if (events.length === 0) {
      if (tooLarge) throw new FrameTooLarge(maxEventBytes);
      return NO_EVENTS;
    }
    const complete = events;
    events = [];
    return complete;
  };

  return {
    push: (chunk) => {
      if (tooLarge) throw new FrameTooLarge(maxEventBytes);
      return feed(lines.push(chunk));
    },
    end: () => {
      if (tooLarge) throw new FrameTooLarge(maxEventBytes);
      return feed(`${lines.end()}\n\n`);
    },
  };
};

/** A line break inside a field would end it; in JSON text one can only be white space. */
const onOneLine = (text: string): string =>
  text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]+/g, ' ') : text;

/** Writes one event; `data` is JSON text, whose line breaks, being white space, become spaces. */
export const encodeSse = (data: string, event?: string): Uint8Array =>
  encodeUtf8(
    event === undefined
      ? `data: ${onOneLine(data)}\n\n`
      : `event: ${onOneLine(event)}\ndata: ${onOneLine(data)}\n\n`,
  );

/** Writes a comment, which every client ignores; its blank line makes proxies that wait for one pass it on. */
export const encodeSseComment = (text: string): Uint8Array => encodeUtf8(`: ${onOneLine(text)}\n\n`);
