/** What the decoders of streamed answers have in common, whatever their frames are. May import spec and this folder. */

import type { ChatEvent } from '../spec/chat-event.ts';
import type { Decoder } from './protocol.ts';
import { upstreamError } from './upstream-error.ts';

/** Reads the frames of one answer in their order. */
export interface FrameReader<Frame> {
  read(frame: Frame, events: ChatEvent[]): void;
  /** Nothing more can be read; an answer that has its end already stays as it is. */
  fail(problem: ChatEvent, events: ChatEvent[]): void;
  /** Nothing follows: an answer without its end was cut. */
  end(events: ChatEvent[]): void;
}

/** Where frames come from, what a person calls one, and who reads them. */
export interface Framed<Frame> {
  /** Throws where a frame is longer than it may be. */
  readonly framer: { push(chunk: Uint8Array): readonly Frame[]; end(): readonly Frame[] };
  readonly frame: 'a line' | 'an event';
  readonly reader: FrameReader<Frame>;
}

/** A push machine over the frames of one answer. */
export const framedDecoder = <Frame>({ framer, frame, reader }: Framed<Frame>): Decoder => {
  const readAll = (take: () => readonly Frame[], events: ChatEvent[]): void => {
    try {
      for (const each of take()) reader.read(each, events);
    } catch (cause) {
      reader.fail(upstreamError(`the engine sent ${frame} beyond the size limit`, cause), events);
    }
  };

  return {
    push: (chunk) => {
      const events: ChatEvent[] = [];
      readAll(() => framer.push(chunk), events);
      return events;
    },
    end: () => {
      const events: ChatEvent[] = [];
      readAll(() => framer.end(), events);
      reader.end(events);
      return events;
    },
  };
};
