/** OpenAI's Responses API. May import spec and wire. */

import type { Protocol } from '../protocol.ts';
import { annotate, heartbeat } from './beside.ts';
import { decoder } from './decoder.ts';
import { embed } from './embed.ts';
import { encoder } from './encoder.ts';
import { error } from './error.ts';
import { models } from './models.ts';
import { parse } from './parse.ts';
import { peek } from './peek.ts';
import { prompt } from './prompt.ts';
import { recall } from './recall.ts';
import { render } from './render.ts';
import { routes } from './routes.ts';
import { whole } from './whole.ts';

/** The dialect of `/v1/responses`, in which a request may build on earlier answers. */
export const openaiResponses: Protocol = {
  id: 'openai-responses',
  routes,
  framing: 'sse',
  contentType: { stream: 'text/event-stream', whole: 'application/json' },
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
  heartbeat,
  annotate,
  recall,
  count: {
    peek: (body) => peek(body, 'chat').model,
    encode: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  },
};
