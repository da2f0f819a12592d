/** Input items to messages: what one turn of the assistant said, thought and called becomes one message. May import spec. */

import type { ContentPart, Message, ReasoningBlock, Role, ToolCall } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { placed } from '../origin.ts';
import { itemsOf, typeOfItem } from './items.ts';
import { parseContent, parsePart } from './parse-parts.ts';
import { readSignature } from './signature.ts';
import { customArguments, plainName } from './told-tools.ts';

/** A turn of the assistant that is being put together. */
interface Turn {
  content: string;
  images: ContentPart[];
  /** Where its first item stands. */
  readonly at: string;
  hasContent: boolean;
  blocks: ReasoningBlock[];
  calls: ToolCall[];
}

const newTurn = (at: string): Turn => ({
  content: '',
  images: [],
  at,
  hasContent: false,
  blocks: [],
  calls: [],
});

const messageOf = ({ content, images, hasContent, blocks, calls }: Turn): Message => {
  const reasoning = blocks.map(({ text }) => text ?? '').join('');
  const text: ContentPart[] = content === '' ? [] : [{ type: 'text', text: content }];
  const said = images.length === 0 ? content : [...text, ...images];
  return {
    role: 'assistant',
    content: hasContent ? said : null,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(blocks.some(({ signature }) => signature !== undefined) ? { reasoningBlocks: blocks } : {}),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
  };
};

const textsOf = (parts: Json | undefined): string =>
  (asArray(parts) ?? []).map((part) => asString(asObject(part)?.text) ?? '').join('\n');

/** Reads an input that passed `peek`. */
export const parseItems = (input: Json | undefined): readonly Message[] => {
  const messages: Message[] = [];
  const names = new Map<string, string>();
  let turn: Turn | undefined;
  let callSignature: Signature | undefined;

  const endTurn = (): void => {
    if (turn !== undefined) {
      const message = messageOf(turn);
      messages.push(turn.blocks.length === 0 ? message : placed(message, turn.at));
    }
    turn = undefined;
  };

  const addReasoning = (item: JsonObject, at: string): void => {
    const encrypted = asString(item.encrypted_content) ?? '';
    const text = textsOf(item.summary) || textsOf(item.content);
    const read = encrypted === '' ? undefined : readSignature(encrypted, text);
    if (read?.signed === 'call') {
      callSignature = read.signature;
      return;
    }
    if (text === '' && read === undefined) return;
    // Thought after speech begins a turn; between calls it belongs to theirs, whose results must follow them.
    if (turn?.hasContent === true && turn.calls.length === 0) endTurn();
    turn ??= newTurn(at);
    turn.blocks.push({
      ...(text === '' && read?.signed !== 'reasoning' ? {} : { text }),
      ...(read === undefined ? {} : { signature: read.signature }),
    });
  };

  const addSpeech = (item: JsonObject, at: string): void => {
    if (turn !== undefined && (turn.hasContent || turn.calls.length > 0)) endTurn();
    turn ??= newTurn(at);
    turn.hasContent = true;
    const content = parseContent(item.content, `${at}.content`);
    if (typeof content === 'string') turn.content = content;
    else {
      turn.content = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      turn.images = content.filter(({ type }) => type !== 'text');
    }
  };

  const addCall = (item: JsonObject, at: string): void => {
    turn ??= newTurn(at);
    const id = asString(item.call_id) ?? '';
    const name = plainName(asString(item.namespace), asString(item.name) ?? '');
    names.set(id, name);
    const call: ToolCall = {
      id,
      name,
      arguments:
        item.type === 'custom_tool_call'
          ? customArguments(asString(item.input) ?? '')
          : (asString(item.arguments) ?? ''),
      ...(callSignature === undefined ? {} : { signature: callSignature }),
    };
    turn.calls.push(placed(call, at));
    callSignature = undefined;
  };

  const addResult = (item: JsonObject, at: string): void => {
    endTurn();
    const toolCallId = asString(item.call_id) ?? '';
    const toolName = names.get(toolCallId);
    const message: Message = {
      role: 'tool',
      content: parseContent(item.output, `${at}.output`),
      toolCallId,
      ...(toolName === undefined ? {} : { toolName }),
    };
    messages.push(message);
  };

  for (const [index, item] of itemsOf(input).entries()) {
    const at = `input[${index}]`;
    switch (typeOfItem(item)) {
      case 'message':
        if (item.role === 'assistant') addSpeech(item, at);
        else {
          endTurn();
          const role = asString(item.role) as Role;
          messages.push({ role, content: parseContent(item.content, `${at}.content`) });
        }
        break;
      case 'reasoning':
        addReasoning(item, at);
        break;
      case 'function_call':
      case 'custom_tool_call':
        addCall(item, at);
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        addResult(item, at);
        break;
      case 'image_generation_call':
        if (typeof item.result === 'string') {
          turn ??= newTurn(at);
          turn.hasContent = true;
          const url = `data:image/png;base64,${item.result}`;
          turn.images.push(placed(parsePart({ type: 'input_image', image_url: url }), at));
        }
        break;
      default:
    }
  }
  endTurn();
  return messages;
};
