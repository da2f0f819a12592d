/** Ollama's native API: NDJSON, nanoseconds, tool calls in one piece. May import spec and wire. */

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

/** The dialect of Ollama's own paths. */
export const ollama: Protocol = {
  id: 'ollama',
  routes,
  framing: 'ndjson',
  contentType: { stream: 'application/x-ndjson', whole: 'application/json; charset=utf-8' },
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
