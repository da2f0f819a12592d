/** The `response` object around an answer: what was asked is told again in it. May import spec. */

import type { ChatRequest } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import { keptOf } from '../extension.ts';
import type { Stamp } from '../protocol.ts';

/** An answer's id in OpenAI's form, from the answer's own id. */
export const responseId = (stamp: Stamp): string => `resp_${stamp.id}`;

/** OpenAI's defaults for what a request left open. */
const defaults: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
};

/** All of the object but `status`, `output` and what is known at the end only. */
export const responseHead = (request: ChatRequest, stamp: Stamp): JsonObject => {
  const { unknown, sent } = keptOf(request.ext, 'openai-responses');
  const asked: Record<string, JsonObject[string]> = {};
  for (const field in defaults) asked[field] = sent[field] ?? unknown[field] ?? defaults[field];
  return {
    id: responseId(stamp),
    object: 'response',
    created_at: stamp.createdUnix,
    error: null,
    incomplete_details: null,
    model: request.model,
    ...asked,
    service_tier: 'default',
    usage: null,
  };
};
