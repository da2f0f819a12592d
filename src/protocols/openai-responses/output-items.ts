/** The items of an answer's output. May import spec. */

import type { Json, JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { type Signed, writeSignature } from './signature.ts';
import { customInput, type ToldTool } from './told-tools.ts';

/** The text or the reasoning that is being written. */
export interface OpenText {
  readonly kind: 'message' | 'reasoning';
  readonly id: string;
  readonly index: number;
  /** What every delta of it has in common, up to the delta itself. */
  readonly deltaHead: string;
  text: string;
  logprobs: Json[];
}

/** A call that is being written. */
export interface OpenCall extends ToldTool {
  readonly id: string;
  readonly index: number;
  readonly callId: string;
  arguments: string;
}

/** Where an item is on its way. */
export type Status = 'in_progress' | 'completed' | 'incomplete';

/** The text of a message. */
export const textPart = (text: string, logprobs: readonly Json[]): JsonObject => ({
  type: 'output_text',
  annotations: [],
  logprobs,
  text,
});

/** A call of a tool; what it takes is shown when it is whole. */
export const callItem = (call: OpenCall, status: Status): JsonObject => {
  const { id, callId, name, namespace } = call;
  const told = { call_id: callId, name, ...(namespace === undefined ? {} : { namespace }) };
  if (call.isCustom) {
    const input = status === 'in_progress' ? '' : customInput(call.arguments);
    return { id, type: 'custom_tool_call', status, ...told, input };
  }
  const text = status === 'in_progress' ? '' : call.arguments;
  return { id, type: 'function_call', status, ...told, arguments: text };
};

/** What the model said. */
export const messageItem = (id: string, content: readonly JsonObject[], status: Status): JsonObject => ({
  id,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

/** What it thought, and what signs that or the call behind it. */
export const reasoningItem = (
  id: string,
  text: string,
  signature?: Signature,
  signed: Signed = 'reasoning',
) => ({
  id,
  type: 'reasoning',
  summary: text === '' ? [] : [{ type: 'summary_text', text }],
  ...(signature === undefined ? {} : { encrypted_content: writeSignature(signature, signed) }),
});

/** A picture the model made; without data it is still to come. */
export const imageItem = (id: string, data?: string, mediaType = ''): JsonObject => ({
  id,
  type: 'image_generation_call',
  status: data === undefined ? 'in_progress' : 'completed',
  ...(data === undefined ? {} : { output_format: mediaType.replace(/^image\//, '') }),
  result: data ?? null,
});
