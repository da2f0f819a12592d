/** A stream as one JSON array, which is what Google answers with where no events were asked for. May import wire. */

import { createSseFramer } from '../../wire/sse.ts';
import { decodeUtf8, encodeUtf8 } from '../../wire/utf8.ts';
import type { Reframer } from '../protocol.ts';
import { createBareTail } from './bare-tail.ts';

/** Reads events and writes their data as entries; bare JSON that a stream broke off with is the last of them. */
export const array = (): Reframer => {
  const framer = createSseFramer();
  const tail = createBareTail();
  let separator = '[';

  const entry = (json: string): string => {
    const text = `${separator}${json}`;
    separator = ',\r\n';
    return text;
  };

  return {
    push: (chunk) => {
      let text = '';
      for (const { data } of framer.push(tail.push(chunk))) if (data !== '') text += entry(data);
      return encodeUtf8(text);
    },
    end: () => {
      let text = '';
      for (const { data } of framer.end()) if (data !== '') text += entry(data);
      const bare = tail.bytes();
      if (bare !== undefined) text += entry(decodeUtf8(bare).trim());
      return encodeUtf8(separator === '[' ? '[]' : `${text}]`);
    },
  };
};
