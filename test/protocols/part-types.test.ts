/** Every type of content part that an official SDK can send: the compiler says when one of them is missing here. */

import { describe, expect, test } from 'bun:test';
import type Anthropic from '@anthropic-ai/sdk';
import type { Part } from '@google/genai';
import type OpenAI from 'openai';
import { protocols } from '../../src/protocols/registry.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';
import { refused } from './refused.ts';

type Block = Anthropic.Beta.BetaContentBlockParam | Anthropic.ContentBlockParam;
type ResultBlock = Exclude<Anthropic.Beta.BetaToolResultBlockParam['content'], string | undefined>[number];
type ChatPart = OpenAI.ChatCompletionContentPart | OpenAI.ChatCompletionContentPartRefusal;
/** What only goes with another member. */
type Beside =
  | 'mediaResolution'
  | 'thought'
  | 'videoMetadata'
  | 'partMetadata'
  | 'mediaProcessing'
  | 'speechMetadata';

const png = 'iVBORw0KGgo=';
const user = { role: 'user', content: 'Hi' };
const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
const source = { type: 'base64', media_type: 'image/png', data: png };

const ofUser: readonly Block['type'][] = ['text', 'image', 'document', 'tool_result'];

const blocks: Readonly<Record<Block['type'] | ResultBlock['type'], JsonObject>> = {
  text: { text: 'a' },
  image: { source },
  document: { source: { type: 'file', file_id: 'file_1' } },
  search_result: {},
  thinking: { thinking: 'a', signature: 's' },
  redacted_thinking: { data: 's' },
  tool_use: call,
  tool_result: { tool_use_id: 'a' },
  tool_reference: {},
  browser_state: {},
  server_tool_use: {},
  web_search_tool_result: {},
  web_fetch_tool_result: {},
  advisor_tool_result: {},
  code_execution_tool_result: {},
  bash_code_execution_tool_result: {},
  text_editor_code_execution_tool_result: {},
  tool_search_tool_result: {},
  mcp_tool_use: {},
  mcp_tool_result: {},
  mcp_tool_listing: {},
  container_upload: {},
  compaction: {},
  fallback: {},
  tool_addition: {},
  tool_removal: {},
};

const chatParts: Readonly<Record<ChatPart['type'], JsonObject>> = {
  text: { text: 'a' },
  image_url: { image_url: { url: `data:image/png;base64,${png}` } },
  input_audio: { input_audio: { data: 'UklGRg==', format: 'wav' } },
  file: { file: { file_id: 'file_1' } },
  refusal: { refusal: 'no' },
};

const geminiParts: Readonly<Record<Exclude<keyof Part, Beside>, JsonObject | string>> = {
  text: 'a',
  inlineData: { mimeType: 'image/png', data: png },
  fileData: { fileUri: 'https://files.example/a' },
  functionCall: { name: 'f' },
  functionResponse: { name: 'f', response: {} },
  executableCode: {},
  codeExecutionResult: {},
  toolCall: {},
  toolResponse: {},
  audioTranscription: {},
  thoughtSignature: 'YQ==',
};

const refusal = (id: ProtocolId, body: JsonObject) => {
  const protocol = protocols.find((each) => each.id === id);
  return refused(() => protocol?.peek({ model: 'm', ...body }, 'chat'))?.message;
};

describe('every type of part of an official SDK passes', () => {
  test.each(Object.entries(blocks))('%s of Anthropic’s', (type, more) => {
    const block = { ...more, type };
    const role = ofUser.some((each) => each === type) ? 'user' : 'assistant';
    const messages = [user, { role: 'assistant', content: [call] }, { role, content: [block] }];
    expect(refusal('anthropic', { max_tokens: 9, messages })).toBeUndefined();
  });

  test.each(Object.entries(chatParts))('%s of OpenAI’s chat', (type, more) => {
    const messages = [{ role: 'user', content: [{ type, ...more }] }];
    expect(refusal('openai-chat', { messages })).toBeUndefined();
  });

  test.each(Object.entries(geminiParts))('%s of Google’s', (member, value) => {
    const role = member === 'functionResponse' ? 'user' : 'model';
    const before = { role: 'model', parts: [{ functionCall: { name: 'f' } }] };
    const contents = [before, { role, parts: [{ [member]: value }] }];
    expect(refusal('gemini', { contents })).toBeUndefined();
  });

  test('and so do those that engines and providers add to OpenAI’s', () => {
    for (const type of ['video_url', 'audio_url', 'image_embeds', 'document_url', 'input_text', 'thinking']) {
      expect(refusal('openai-chat', { messages: [{ role: 'user', content: [{ type }] }] })).toBeUndefined();
    }
  });
});

test('a type that no version of a dialect has is named, at its path, and no longer than can be read', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: `hologram${'!'.repeat(1000)}`, text: 'a' },
  ];
  const messages = [{ role: 'user', content }];
  for (const message of [
    refusal('openai-chat', { messages }),
    refusal('anthropic', { max_tokens: 9, messages }),
    refusal('openai-responses', { input: [{ role: 'user', content: [{ ...content[1] }] }] }),
  ]) {
    expect(message).toMatch(
      /^(?:messages\[0\]\.content\[1\]|input\[0\]\.content\[0\]) is of type "hologram!/,
    );
    expect(message?.length).toBeLessThan(200);
  }
});

test('a member of a part that nobody knows passes', () => {
  const later = { type: 'text', text: 'a', later: { type: 'hologram' } };
  const messages = [{ role: 'user', content: [later] }];
  expect(refusal('openai-chat', { messages, hologram: true })).toBeUndefined();
  expect(refusal('anthropic', { max_tokens: 9, messages, hologram: true })).toBeUndefined();
});
