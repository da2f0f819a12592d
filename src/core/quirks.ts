/**
 * What single models and servers cannot take, and how a request is put for them: the one place for it. Roles are changed
 * only as the table says, never by what a text says. Pure; imports spec.
 */

import type { ChatRequest, ContentPart, Message } from '../spec/chat-request.ts';
import { asObject, type JsonObject } from '../spec/json.ts';
import type { Quirk } from '../spec/vocabulary.ts';

/** Families whose own templates refuse what others take. The engines below apply them as their makers wrote them. */
const byFamily: readonly (readonly [pattern: RegExp, quirks: readonly Quirk[]])[] = [
  [/(?:^|[/_-])gemma-?3/, ['alternating-roles', 'tools-as-text']],
  [
    /(?:^|[/_-])(?:code)?gemma(?:-?2)?(?![a-z0-9.])/,
    ['no-system-role', 'alternating-roles', 'tools-as-text'],
  ],
  [
    /(?:mistral-7b-instruct-v0\.[12]|mixtral-8x7b-instruct-v0\.1)/,
    ['no-system-role', 'alternating-roles', 'tools-as-text'],
  ],
];

/** Engines that apply the template of a model's file and refuse what it refuses; others bring templates of their own. */
const templatesAsWritten: ReadonlySet<string> = new Set(['openai-compatible', 'docker-model-runner']);

/** OpenAI's newer models refuse the older name of the limit, and its older ones take the newer; it refuses unknown members. */
const ofOpenAi: readonly Quirk[] = ['max-completion-tokens', 'no-extra-sampling'];
const byKind: Readonly<Record<string, readonly Quirk[]>> = { openai: ofOpenAi, 'azure-openai': ofOpenAi };

/** OpenAI's models that reason choose their words as they will. */
const reasoning = /^(?:o[1-9](?:-|$)|gpt-(?:[5-9]|\d\d)(?!.*chat))/;
const unbidden: readonly Quirk[] = ['default-sampling'];

/** What is known of a model by its name, at the servers where its name says what it is. */
const ofName = (name: string, kind: string): readonly Quirk[] | undefined => {
  if (templatesAsWritten.has(kind)) return byFamily.find(([pattern]) => pattern.test(name))?.[1];
  return kind in byKind && reasoning.test(name) ? unbidden : undefined;
};

const none: readonly Quirk[] = [];

/** What is configured, else what is known of the family; and what is configured for the backend, else known of its kind. */
export const quirksOf = (facts: {
  readonly upstream: string;
  readonly kind: string;
  readonly ofModel: readonly Quirk[] | undefined;
  readonly ofBackend: readonly Quirk[] | undefined;
}): readonly Quirk[] => {
  const { upstream, kind, ofModel, ofBackend } = facts;
  const model = ofModel ?? ofName(upstream.toLowerCase(), kind) ?? none;
  const backend = ofBackend ?? byKind[kind] ?? none;
  return model.length + backend.length === 0 ? none : [...new Set([...model, ...backend])];
};

const textPart = (text: string): ContentPart => ({ type: 'text', text });

const partsOf = ({ content }: Message): readonly ContentPart[] => {
  if (content === null || content === '') return [];
  return typeof content === 'string' ? [textPart(content)] : content;
};

const gap = '\n\n';

/** Both contents one after the other; a string as long as both are text. */
const joined = (left: Message, right: Message): Message['content'] => {
  const first = typeof left.content === 'string' ? left.content : undefined;
  const second = typeof right.content === 'string' ? right.content : undefined;
  if (first !== undefined && second !== undefined)
    return first === '' || second === '' ? first + second : first + gap + second;
  const parts = [...partsOf(left), ...partsOf(right)];
  return parts.length === 0 ? '' : parts;
};

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';

/** Instructions go in front of the first user's words, as the families' makers do it themselves. */
const withoutSystem = (messages: readonly Message[]): readonly Message[] => {
  const instructions = messages.filter(isInstruction);
  const [first, ...more] = instructions;
  if (first === undefined) return messages;
  const said = more.reduce<Message>((all, next) => ({ role: 'user', content: joined(all, next) }), {
    role: 'user',
    content: first.content,
  });
  const rest = messages.filter((message) => !isInstruction(message));
  const [opening, ...others] = rest;
  return opening?.role === 'user'
    ? [{ role: 'user', content: joined(said, opening) }, ...others]
    : [said, ...rest];
};

const mayMerge = (left: Message, right: Message): boolean =>
  left.role === right.role &&
  (left.role === 'user' || (left.role === 'assistant' && !left.toolCalls?.length));

/** Neighbours of one role become one message; a conversation that its model begins is given a beginning. */
const alternating = (messages: readonly Message[]): readonly Message[] => {
  const result: Message[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last === undefined || !mayMerge(last, message)) result.push(message);
    else {
      const { ext: _spelling, ...kept } = message;
      result[result.length - 1] = { ...kept, content: joined(last, message) };
    }
  }
  const start = result.findIndex((message) => !isInstruction(message));
  if (result[start]?.role === 'assistant') result.splice(start, 0, { role: 'user', content: '…' });
  return result.length === messages.length && result.every((message, index) => message === messages[index])
    ? messages
    : result;
};

/** Calls and results told in words, for templates that know neither; a result is its user's word, and never more. */
const toolsTold = (messages: readonly Message[]): readonly Message[] => {
  if (!messages.some(({ role, toolCalls }) => role === 'tool' || toolCalls?.length)) return messages;
  const names = new Map<string, string>();
  return messages.map((message): Message => {
    const { role, toolCalls = [], toolCallId, toolName } = message;
    for (const { id, name } of toolCalls) if (id !== undefined) names.set(id, name);
    if (role === 'tool') {
      const name = toolName ?? names.get(toolCallId ?? '');
      const head = `Result of the call${name === undefined ? '' : ` of ${JSON.stringify(name)}`}:`;
      return { role: 'user', content: joined({ role: 'user', content: head }, message) };
    }
    if (toolCalls.length === 0) return message;
    const calls = toolCalls.map(({ name, arguments: given }) => `Call of ${JSON.stringify(name)}: ${given}`);
    const { reasoning } = message;
    return {
      role,
      content: joined(message.content === null ? { role, content: '' } : message, {
        role,
        content: calls.join('\n'),
      }),
      ...(reasoning === undefined ? {} : { reasoning }),
    };
  });
};

const changes: readonly (readonly [Quirk, (messages: readonly Message[]) => readonly Message[]])[] = [
  // In this order: what one makes, the next may have to join.
  ['tools-as-text', toolsTold],
  ['no-system-role', withoutSystem],
  ['alternating-roles', alternating],
];

/** The request as the model takes it; the same object where nothing has to change. */
export const withQuirks = (request: ChatRequest, quirks: readonly Quirk[]): ChatRequest => {
  let { messages } = request;
  for (const [quirk, change] of changes) if (quirks.includes(quirk)) messages = change(messages);
  return messages === request.messages ? request : { ...request, messages };
};

/** Whether a quirk could change the messages of a request at all. */
export const changesMessages = (quirks: readonly Quirk[]): boolean =>
  changes.some(([quirk]) => quirks.includes(quirk));

/** A body that was rendered in OpenAI's dialect, with the members its server knows. */
export const bodyWithQuirks = (body: JsonObject, quirks: readonly Quirk[]): JsonObject => {
  let changed = body;
  if (quirks.includes('max-completion-tokens') && body.max_tokens !== undefined) {
    const { max_tokens: limit, ...rest } = changed;
    changed = { ...rest, max_completion_tokens: rest.max_completion_tokens ?? limit };
  }
  if (quirks.includes('no-stream-options') && asObject(body.stream_options) !== undefined) {
    const { stream_options: _unknown, ...rest } = changed;
    changed = rest;
  }
  return changed;
};
