/** The results of tools in a conversation: each answers a call that came before it. May import spec. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { invalid, isAbsent } from '../request-checks.ts';

/**
 * Throws for a result of a call nobody made. One that names no call is for engines that count by position, and needs a
 * call that waits for its result.
 */
export const checkToolResults = (messages: readonly JsonObject[]): void => {
  let calls: Set<Json> | undefined;
  let waiting = 0;
  for (let index = 0; index < messages.length; index += 1) {
    const { role: sent, tool_calls: made, tool_call_id: id, function_call: older } = messages[index] ?? {};
    for (const call of asArray(made) ?? []) {
      waiting += 1;
      const callId = asObject(call)?.id;
      if (typeof callId === 'string') calls = (calls ?? new Set()).add(callId);
    }
    if (!isAbsent(older)) waiting += 1;
    const role = asString(sent)?.toLowerCase();
    if (role !== 'tool' && role !== 'function') continue;
    const isNamed = typeof id === 'string' && id !== '';
    if (isNamed ? calls?.has(id) !== true : waiting <= 0) {
      const at = `messages[${index}].tool_call_id`;
      throw invalid(at, `${at} answers no tool call that came before it`);
    }
    waiting -= 1;
  }
};
