/** Neutral messages to the turns of a Gemini conversation. May import spec and wire. */

import type { ContentPart, Message, ReasoningBlock, ToolCall } from '../../spec/chat-request.ts';
import { asObject, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { answeredCall } from '../call-ids.ts';
import { keptOf, nameDropped } from '../extension.ts';
import { imageTypeOf } from '../image-type.ts';
import { argumentsPath, callPath, imageUrlPath, messagePath, partPath } from '../origin.ts';
import { invalid } from '../request-checks.ts';
import { isThirdGeneration } from './thinking.ts';

/**
 * What stands for a signature where another model made the call. Google's page on thought signatures gives two words for
 * it, and its page for Vertex this one alone, so that it is taken by either (ai.google.dev/gemini-api/docs/thought-signatures,
 * docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures). Without it a call of the turn that still runs is
 * refused; of calls side by side the first is asked for one.
 */
const noSignature = 'skip_thought_signature_validator';

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
  /** Results of one turn of calls must come in one turn. */
  readonly holdsResults: boolean;
}

/** The turns, and what the system says, which has a place of its own here. */
export interface RenderedContents {
  readonly system: readonly JsonObject[];
  readonly contents: readonly JsonObject[];
}

/**
 * Writes a conversation. `model` tells whether calls without a signature would be refused, and whether a result may hold
 * images: before the third generation they follow behind all results of the turn, as the user's.
 */
export const renderContents = (
  messages: readonly Message[],
  model: string,
  dropped: string[],
): RenderedContents => {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  let waiting: readonly ToolCall[] = [];

  /** A name of its own needs no call. */
  const nameOfResult = (result: Message, at: string): string => {
    const found = answeredCall(waiting, result);
    waiting = waiting.filter((call) => call !== found);
    const name = result.toolName ?? found?.name;
    if (name === undefined) throw invalid(at, `${at} answers no tool call that came before it`);
    return name;
  };

  const isThird = isThirdGeneration(model);
  let shown: JsonObject[] = [];

  const showBehindResults = (): void => {
    if (shown.length > 0) turns.push({ role: 'user', parts: shown, holdsResults: false });
    shown = [];
  };

  const addResultOf = (message: Message, at: string): void => {
    const name = nameOfResult(message, at);
    const { text, images } = resultOf(message, at, dropped);
    addResult(turns, renderResult(message, name, text, isThird ? images : []));
    if (!isThird) shown.push(...images);
  };

  for (const [index, message] of messages.entries()) {
    const at = messagePath(message, index);
    if (message.role !== 'tool') showBehindResults();
    nameDropped(message.ext, 'gemini', `${at}.`, dropped);
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...partsOf(message, at, dropped));
        break;
      case 'tool':
        addResultOf(message, at);
        break;
      case 'assistant': {
        waiting = [...waiting, ...(message.toolCalls ?? [])];
        const parts = modelParts(message, at, isThird, dropped);
        addModelTurn(turns, parts);
        break;
      }
      default: {
        const parts = partsOf(message, at, dropped);
        if (parts.length > 0) turns.push({ role: 'user', parts, holdsResults: false });
      }
    }
  }
  showBehindResults();
  // Somebody must have said something, and of a system alone nothing is answered.
  if (turns.length === 0) return { system: [], contents: [{ role: 'user', parts: system }] };
  return { system, contents: turns.map(({ role, parts }) => ({ role, parts })) };
};

/** Calls must follow a turn of somebody else, so that what the model said before them is of their turn. */
const addModelTurn = (turns: Turn[], parts: readonly JsonObject[]): void => {
  if (parts.length === 0) return;
  const last = turns[turns.length - 1];
  if (last?.role === 'model') last.parts.push(...parts);
  else turns.push({ role: 'model', parts: [...parts], holdsResults: false });
};

const addResult = (turns: Turn[], part: JsonObject): void => {
  const last = turns[turns.length - 1];
  if (last?.holdsResults === true) last.parts.push(part);
  else turns.push({ role: 'user', parts: [part], holdsResults: true });
};

const partsOf = ({ content }: Message, at: string, dropped: string[]): JsonObject[] => {
  if (content === null) return [];
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, index) => renderPart(part, partPath(part, at, index), dropped));
};

const renderPart = (part: ContentPart, at: string, dropped: string[]): JsonObject => {
  if (part.type === 'other') {
    const raw = part.protocol === 'gemini' ? asObject(part.raw) : undefined;
    if (raw !== undefined) return raw;
    throw invalid(at, `${at} is of a type that the engine behind this model does not take`);
  }
  nameDropped(part.ext, 'gemini', `${at}.`, dropped);
  if (part.type === 'document' && part.name !== undefined) dropped.push(`${at}.name`);
  return { ...keptOf(part.ext, 'gemini').unknown, ...partFields(part, at) };
};

const partFields = (part: Exclude<ContentPart, { type: 'other' }>, at: string): JsonObject => {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image':
      return inline(part.mediaType ?? imageTypeOf(part.data) ?? 'image/png', part.data);
    case 'image-url':
      throw invalid(
        imageUrlPath(part, at),
        'image URLs are not supported here; images must be sent as base64 data',
      );
    case 'audio':
      return inline(`audio/${part.format}`, part.data);
    case 'document':
      return part.mediaType === 'text/plain' ? { text: part.data } : inline(part.mediaType, part.data);
  }
};

const inline = (mimeType: string, data: string): JsonObject => ({ inlineData: { mimeType, data } });

/** Thoughts first, as they came; a signature without a text closes what was said. */
const modelParts = (
  message: Message,
  at: string,
  wantsSignatures: boolean,
  dropped: string[],
): JsonObject[] => {
  const { reasoning, reasoningBlocks, toolCalls = [] } = message;
  const blocks: readonly ReasoningBlock[] =
    reasoningBlocks ?? (reasoning === undefined || reasoning === '' ? [] : [{ text: reasoning }]);
  const thoughts = blocks.flatMap((block) =>
    block.text === undefined ? [] : [{ text: block.text, thought: true, ...signed(block) }],
  );
  const closing = blocks.flatMap((block) =>
    block.text === undefined && block.signature?.protocol === 'gemini'
      ? [{ text: '', ...signed(block) }]
      : [],
  );
  const said = partsOf(message, at, dropped).filter((part) => part.text !== '');
  const calls = toolCalls.map((call, index) => {
    const path = callPath(call, at, index);
    nameDropped(call.ext, 'gemini', `${path}.`, dropped);
    // Of calls made side by side only the first is signed.
    return renderCall(call, path, wantsSignatures && index === 0);
  });
  return [...thoughts, ...said, ...closing, ...calls];
};

const signed = ({ signature }: { readonly signature?: ReasoningBlock['signature'] }): JsonObject =>
  signature?.protocol === 'gemini' ? { thoughtSignature: signature.value } : {};

const renderCall = (call: ToolCall, at: string, mustBeSigned: boolean): JsonObject => {
  const args = call.arguments.trim() === '' ? {} : asObject(tryParseJson(call.arguments));
  if (args === undefined) {
    const field = argumentsPath(call, at);
    throw invalid(field, `${field} must be the JSON text of an object`);
  }
  const signature = signed(call);
  return {
    functionCall: { ...(call.id === undefined ? {} : { id: call.id }), name: call.name, args },
    ...(mustBeSigned ? { thoughtSignature: noSignature } : {}),
    ...signature,
  };
};

/** A response must be an object: a text is wrapped, and so is what went wrong. */
const renderResult = (
  { toolCallId, toolFailed }: Message,
  name: string,
  text: string,
  images: readonly JsonObject[],
): JsonObject => {
  const object = asObject(tryParseJson(text));
  const failed = toolFailed === true;
  return {
    functionResponse: {
      ...(toolCallId === undefined ? {} : { id: toolCallId }),
      name,
      response: failed ? { error: object ?? text } : (object ?? { result: text }),
      ...(images.length === 0 ? {} : { parts: images }),
    },
  };
};

interface Result {
  readonly text: string;
  readonly images: readonly JsonObject[];
}

const resultOf = (message: Message, at: string, dropped: string[]): Result => {
  const texts: string[] = [];
  const images: JsonObject[] = [];
  for (const part of partsOf(message, at, dropped)) {
    if (typeof part.text === 'string') texts.push(part.text);
    else images.push(part);
  }
  return { text: texts.join('\n'), images };
};
