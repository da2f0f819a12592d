/** Anthropic's messages: blocks in typed events, system text beside the conversation. May import spec and wire. */

import type { Protocol } from '../protocol.ts';
import { annotate, heartbeat } from './beside.ts';
import { decoder } from './decoder.ts';
import { embed } from './embed.ts';
import { encoder } from './encoder.ts';
import { error } from './error.ts';
import { models } from './models.ts';
import { parse } from './parse.ts';
import { lookAt, peek } from './peek.ts';
import { prompt } from './prompt.ts';
import { purged } from './purged.ts';
import { render } from './render.ts';
import { routes } from './routes.ts';
import { whole } from './whole.ts';

/** The dialect of `/v1/messages`. */
export const anthropic: Protocol = {
  id: 'anthropic',
  routes,
  framing: 'sse',
  contentType: { stream: 'text/event-stream', whole: 'application/json' },
  takesImageUrls: true,
  peek,
  prompt,
  purged,
  parse,
  render,
  decoder,
  encoder,
  whole,
  embed,
  error,
  models,
  count: { peek: (body) => lookAt(body).model, encode: (tokens) => ({ input_tokens: tokens }) },
  heartbeat,
  annotate,
};
