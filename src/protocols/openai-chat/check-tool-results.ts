/** The results of tools in a conversation: each answers a call that came before it. May import spec. */

import { asArray, asObject, type JsonObject } from '../../spec/json.ts';
import { invalid } from '../request-checks.ts';

/** Throws for a result of a call nobody made; one that names no call belongs to engines that count by position. */
export const checkToolResults = (messages: readonly JsonObject[]): void => {
  let calls: Set<string> | undefined;
  for (let index = 0; index < messages.length; index += 1) {
    const { role, tool_calls: made, tool_call_id: id } = messages[index] ?? {};
    for (const call of asArray(made) ?? []) {
      const callId = asObject(call)?.id;
      if (typeof callId === 'string') calls = (calls ?? new Set()).add(callId);
    }
    if (role === 'tool' && typeof id === 'string' && id !== '' && calls?.has(id) !== true) {
      const at = `messages[${index}].tool_call_id`;
      throw invalid(at, `${at} answers no tool call that came before it`);
    }
  }
};
