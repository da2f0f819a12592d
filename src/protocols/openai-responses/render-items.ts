/** Messages to input items. May import spec. */

import type { ContentPart, Message, ToolCall } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import { createCallIds } from '../call-ids.ts';
import { nameDropped } from '../extension.ts';
import { imageTypeOf } from '../image-type.ts';
import { messagePath, partPath } from '../origin.ts';
import { invalid } from '../request-checks.ts';

/** Missing ids are made from the position, so that the same conversation always gets the same ones. */
export const renderItems = (messages: readonly Message[], dropped: string[]): readonly JsonObject[] => {
  const ids = createCallIds();

  const callItem = (call: ToolCall): JsonObject => {
    const { name, arguments: text } = call;
    return { type: 'function_call', call_id: ids.ofCall(call), name, arguments: text };
  };

  return messages.flatMap((message, index): JsonObject[] => {
    const at = messagePath(message, index);
    nameDropped(message.ext, 'openai-responses', `${at}.`, dropped);
    if (message.role === 'tool') {
      const output = renderContent(message, at, 'input_text', dropped);
      const callId = ids.ofResult(message) ?? message.toolCallId ?? `call_${ids.count()}`;
      return [{ type: 'function_call_output', call_id: callId, output }];
    }
    if (message.role !== 'assistant') {
      const content = renderContent(message, at, 'input_text', dropped);
      return [{ type: 'message', role: message.role, content }];
    }
    const isSilent = message.content === null || message.content === '' || message.content.length === 0;
    const content = isSilent ? '' : renderContent(message, at, 'output_text', dropped);
    return [
      ...reasoningItems(message, index),
      ...(isSilent ? [] : [{ type: 'message', role: 'assistant', content }]),
      ...(message.toolCalls ?? []).map(callItem),
    ];
  });
};

const reasoningItem = (text: string, encrypted: string | undefined, number: number): JsonObject => ({
  id: `rs_${number}`,
  type: 'reasoning',
  summary: text === '' ? [] : [{ type: 'summary_text', text }],
  ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
});

const reasoningItems = ({ reasoning, reasoningBlocks }: Message, index: number): JsonObject[] => {
  if (reasoningBlocks === undefined) {
    return reasoning === undefined || reasoning === '' ? [] : [reasoningItem(reasoning, undefined, index)];
  }
  return reasoningBlocks.map(({ text = '', signature }, block) =>
    reasoningItem(
      text,
      signature?.protocol === 'openai-responses' ? signature.value : undefined,
      index * 100 + block,
    ),
  );
};

const renderContent = (
  { content }: Message,
  at: string,
  textType: 'input_text' | 'output_text',
  dropped: string[],
): string | readonly JsonObject[] => {
  if (content === null) return '';
  if (typeof content === 'string') return content;
  return content.map((part, index) => renderPart(part, partPath(part, at, index), textType, dropped));
};

const renderPart = (part: ContentPart, at: string, textType: string, dropped: string[]): JsonObject => {
  if (part.type !== 'other') nameDropped(part.ext, 'openai-responses', `${at}.`, dropped);
  switch (part.type) {
    case 'text':
      return { type: textType, text: part.text };
    case 'image': {
      const url = `data:${part.mediaType ?? imageTypeOf(part.data) ?? 'image/png'};base64,${part.data}`;
      return { type: 'input_image', image_url: url, detail: 'auto' };
    }
    case 'image-url':
      return { type: 'input_image', image_url: part.url, detail: 'auto' };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'document':
      return {
        type: 'input_file',
        filename: part.name ?? 'document',
        file_data: part.mediaType === 'text/plain' ? part.data : `data:${part.mediaType};base64,${part.data}`,
      };
    case 'other':
      throw invalid(at, `${at} is of a type that the engine behind this model does not take`);
  }
};
