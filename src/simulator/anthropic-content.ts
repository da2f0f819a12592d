/** Reads Anthropic's messages as its API does: block by block, refusing the first that is wrong. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { hexDigest } from './seeded-random.ts';

/** What the model is shown. */
export interface AnthropicConversation {
  readonly prompt: string;
  readonly images: number;
  readonly lastUserText: string;
  /** The last message holds a tool's result. */
  readonly answersTool: boolean;
  /** Whether the turn that is under way began with thinking, where calls are being answered. */
  readonly thoughtBeforeCalls: boolean;
}

/** A conversation, or the sentence it is refused with. */
export type ReadConversation =
  | { readonly conversation: AnthropicConversation }
  | { readonly problem: string };

/** What the provider puts below a thought; it takes back no other. */
export const signatureOf = (thought: string): string =>
  btoa(`simulated ${hexDigest(thought)}`).replaceAll('=', '');

/** A thought that nobody else can read. */
export const redactedOf = (thought: string): string =>
  btoa(`redacted ${hexDigest(thought)}`).replaceAll('=', '');

const mediaTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const imageStarts = ['/9j/', 'iVBORw0', 'R0lG', 'UklGR'];

interface Reader {
  problem: string | undefined;
  images: number;
  readonly turns: string[];
}

const complain = (reader: Reader, sentence: string): void => {
  reader.problem ??= sentence;
};

const readImage = (reader: Reader, block: JsonObject, at: string): void => {
  reader.images += 1;
  const source = asObject(block.source);
  if (source?.type === 'url' || source?.type === 'file') return;
  if (source?.type !== 'base64') {
    complain(reader, `${at}.image.source: Input tag '${source?.type}' found using 'type' does not match`);
    return;
  }
  if (!mediaTypes.includes(asString(source.media_type) ?? '')) {
    complain(
      reader,
      `${at}.image.source.base64.media_type: Input should be ${mediaTypes.map((type) => `'${type}'`).join(', ')}`,
    );
  }
  const data = asString(source.data) ?? '';
  if (!imageStarts.some((start) => data.startsWith(start))) complain(reader, 'Could not process image');
};

const readThought = (reader: Reader, block: JsonObject, at: string): string => {
  const thought = asString(block.thinking) ?? '';
  if (block.signature !== signatureOf(thought)) {
    complain(reader, `${at}: Invalid \`signature\` in \`thinking\` block`);
  }
  return thought;
};

const readBlock = (reader: Reader, block: JsonObject, at: string): string => {
  switch (block.type) {
    case 'text': {
      const text = asString(block.text) ?? '';
      if (text === '') complain(reader, 'messages: text content blocks must be non-empty');
      return text;
    }
    case 'image':
      readImage(reader, block, at);
      return '';
    case 'document':
      return asString(asObject(block.source)?.data) ?? '';
    case 'tool_use':
      if (!/^[a-zA-Z0-9_-]+$/.test(asString(block.id) ?? '')) {
        complain(reader, `${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
      }
      if (asObject(block.input) === undefined) {
        complain(reader, `${at}.tool_use.input: Input should be a valid dictionary`);
      }
      return `${asString(block.name)}${JSON.stringify(block.input)}`;
    case 'tool_result':
      return readContent(reader, block.content ?? '', `${at}.tool_result.content`);
    case 'thinking':
      return readThought(reader, block, at);
    case 'redacted_thinking':
      return '';
    default:
      complain(
        reader,
        `${at}: Input tag '${asString(block.type)}' found using 'type' does not match any of the expected tags`,
      );
      return '';
  }
};

const readContent = (reader: Reader, content: Json | undefined, at: string): string => {
  if (typeof content === 'string') return content;
  const blocks = asArray(content);
  if (blocks === undefined) {
    complain(reader, `${at}: Field required`);
    return '';
  }
  return blocks.map((block, index) => readBlock(reader, asObject(block) ?? {}, `${at}.${index}`)).join('\n');
};

const idsOf = (message: JsonObject | undefined, type: string, field: string): readonly string[] =>
  (asArray(message?.content) ?? []).flatMap((value) => {
    const block = asObject(value);
    return block?.type === type ? [asString(block[field]) ?? ''] : [];
  });

/** Each call is answered in the message behind it, and nothing else is. */
const checkPairs = (reader: Reader, messages: readonly JsonObject[]): void => {
  for (const [index, message] of messages.entries()) {
    const calls = idsOf(messages[index - 1], 'tool_use', 'id');
    const results = idsOf(message, 'tool_result', 'tool_use_id');
    const stray = results.find((id) => !calls.includes(id));
    if (stray !== undefined) {
      complain(
        reader,
        `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    const open = calls.filter((id) => !results.includes(id));
    if (open.length > 0) {
      complain(
        reader,
        `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
  }
};

const textOf = ({ content }: JsonObject): string =>
  typeof content === 'string'
    ? content
    : (asArray(content) ?? []).map((block) => asString(asObject(block)?.text) ?? '').join('\n');

const startsWithThought = (message: JsonObject | undefined): boolean => {
  const type = asObject(asArray(message?.content)?.[0])?.type;
  return type === 'thinking' || type === 'redacted_thinking';
};

/** Reads `system` and `messages`. */
export const readAnthropicConversation = (body: JsonObject): ReadConversation => {
  const reader: Reader = { problem: undefined, images: 0, turns: [] };
  const messages = (asArray(body.messages) ?? []).map((message) => asObject(message) ?? {});
  if (messages.length === 0) return { problem: 'messages: at least one message is required' };
  if (body.system !== undefined) reader.turns.push(`<|system|>${readContent(reader, body.system, 'system')}`);
  let lastUserText = '';
  for (const [index, message] of messages.entries()) {
    const role = asString(message.role);
    if (role !== 'user' && role !== 'assistant') {
      complain(reader, `messages.${index}.role: Input should be 'user' or 'assistant'`);
    }
    if (role === 'user') lastUserText = textOf(message);
    reader.turns.push(`<|${role}|>${readContent(reader, message.content, `messages.${index}.content`)}`);
  }
  checkPairs(reader, messages);
  const last = messages[messages.length - 1];
  if (last?.role === 'assistant' && /\s$/.test(textOf(last))) {
    complain(reader, 'messages: final assistant content cannot end with trailing whitespace');
  }
  if (reader.problem !== undefined) return { problem: reader.problem };
  const answersTool = idsOf(last, 'tool_result', 'tool_use_id').length > 0;
  return {
    conversation: {
      prompt: reader.turns.join('\n'),
      images: reader.images,
      lastUserText,
      answersTool,
      thoughtBeforeCalls: !answersTool || startsWithThought(messages[messages.length - 2]),
    },
  };
};
