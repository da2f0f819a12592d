/** Google's Gemini: generated content and embeddings. May import spec and wire. */

import type { Protocol } from '../protocol.ts';
import { array } from './array.ts';
import { annotate, heartbeat } from './beside.ts';
import { decoder } from './decoder.ts';
import { embed } from './embed.ts';
import { encoder } from './encoder.ts';
import { error } from './error.ts';
import { models } from './models.ts';
import { parse } from './parse.ts';
import { peek } from './peek.ts';
import { countedRequest, prompt } from './prompt.ts';
import { render } from './render.ts';
import { routes } from './routes.ts';
import { whole } from './whole.ts';

/** The dialect of Google's `generativelanguage` API, whose paths name the model and whether the answer streams. */
export const gemini: Protocol = {
  id: 'gemini',
  routes,
  framing: 'sse',
  contentType: { stream: 'text/event-stream', whole: 'application/json; charset=UTF-8' },
  peek,
  prompt,
  parse,
  render,
  decoder,
  encoder,
  whole,
  embed,
  error,
  models,
  array,
  count: {
    peek: (body) => peek(countedRequest(body), 'chat').model,
    encode: (tokens) => ({ totalTokens: tokens }),
  },
  heartbeat,
  annotate,
};
