/**
 * A conversation that other engines took part in, made fit for the provider: it takes back no reasoning but what it
 * signed itself. May import spec.
 */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { isForeignSignature } from '../signature-tag.ts';

/** Whether the provider may have signed a block of reasoning. */
export const isOwnThinking = ({ type, signature, data }: JsonObject): boolean => {
  const value = asString(type === 'redacted_thinking' ? data : signature) ?? '';
  return value !== '' && !isForeignSignature(value);
};

const isReasoning = (block: JsonObject): boolean =>
  block.type === 'thinking' || block.type === 'redacted_thinking';

const purgedMessage = (value: Json, at: string, dropped: string[]): readonly Json[] => {
  const message = asObject(value) ?? {};
  const blocks = asArray(message.content);
  if (message.role !== 'assistant' || blocks === undefined) return [value];
  const kept = blocks.filter((entry, index) => {
    const block = asObject(entry) ?? {};
    if (!isReasoning(block) || isOwnThinking(block)) return true;
    dropped.push(`${at}.content[${index}]`);
    return false;
  });
  if (kept.length === blocks.length) return [value];
  return kept.length === 0 ? [] : [{ ...message, content: kept }];
};

/** Whether calls are being answered whose turn did not begin with the provider's own reasoning. */
const isUnsignedTurn = (messages: readonly Json[]): boolean => {
  const last = asObject(messages[messages.length - 1]);
  const answers = asArray(last?.content)?.some((block) => asObject(block)?.type === 'tool_result');
  const first = asObject(asArray(asObject(messages[messages.length - 2])?.content)?.[0]);
  return answers === true && (first === undefined || !isReasoning(first));
};

/** Takes the others' reasoning out, and with it the wish to think on in a turn that began without any. */
export const purged = (
  body: JsonObject,
): { readonly body: JsonObject; readonly dropped: readonly string[] } => {
  const dropped: string[] = [];
  const messages = (asArray(body.messages) ?? []).flatMap((message, index) =>
    purgedMessage(message, `messages[${index}]`, dropped),
  );
  const thinks = asObject(body.thinking)?.type === 'enabled';
  if (!thinks || !isUnsignedTurn(messages)) return { body: { ...body, messages }, dropped };
  const { thinking: _, ...rest } = body;
  return { body: { ...rest, messages }, dropped: [...dropped, 'thinking'] };
};
