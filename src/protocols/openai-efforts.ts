/** How much thinking OpenAI's dialects can ask for. May import spec. */

import type { Thinking } from '../spec/chat-request.ts';
import type { Json } from '../spec/json.ts';

/** `reasoning_effort`, and `reasoning.effort`, by its neutral level. */
export const openaiEfforts: ReadonlyMap<Json | undefined, Thinking> = new Map<Json | undefined, Thinking>([
  ['none', false],
  ['minimal', 'minimal'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'max'],
  ['max', 'max'],
]);
