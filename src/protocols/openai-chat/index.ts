/** OpenAI's chat completions, completions and embeddings, as local engines speak them. May import spec and wire. */

import { promptParts } from '../prompt-parts.ts';
import type { Protocol } from '../protocol.ts';
import { annotate, heartbeat } from './beside.ts';
import { decoder } from './decoder.ts';
import { embed } from './embed.ts';
import { encoder } from './encoder.ts';
import { error } from './error.ts';
import { models } from './models.ts';
import { parse } from './parse.ts';
import { peek } from './peek.ts';
import { render } from './render.ts';
import { routes } from './routes.ts';
import { whole } from './whole.ts';

/** The dialect of OpenAI's `/v1` paths without the Responses API. */
export const openaiChat: Protocol = {
  id: 'openai-chat',
  routes,
  framing: 'sse',
  contentType: { stream: 'text/event-stream', whole: 'application/json' },
  takesImageUrls: true,
  peek,
  prompt: promptParts,
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
};
