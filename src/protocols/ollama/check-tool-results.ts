/** The results of tools in a conversation: each answers a call that still waits for one. May import spec. */

import { asArray, asObject, asString, type JsonObject } from '../../spec/json.ts';
import { invalid } from '../request-checks.ts';

interface Waiting {
  readonly id: string | undefined;
  readonly name: string;
}

const textOf = (message: JsonObject, field: string): string | undefined =>
  asString(message[field]) || undefined;

/** By its id where the calls have ids, else by the name of its tool, else by its position. */
const findCall = (waiting: readonly Waiting[], message: JsonObject): number => {
  const id = textOf(message, 'tool_call_id');
  const byId = id === undefined ? -1 : waiting.findIndex((call) => call.id === id);
  if (byId >= 0) return byId;
  const name = textOf(message, 'tool_name');
  return waiting.findIndex(
    (call) => (id === undefined || call.id === undefined) && (name === undefined || call.name === name),
  );
};

/** Throws for a result of a call nobody made, or that was answered before; most of them carry no id here. */
export const checkToolResults = (messages: readonly JsonObject[]): void => {
  let waiting: Waiting[] | undefined;
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as JsonObject;
    for (const call of asArray(message.tool_calls) ?? []) {
      const { id, function: called } = asObject(call) ?? {};
      waiting ??= [];
      waiting.push({ id: asString(id) || undefined, name: asString(asObject(called)?.name) ?? '' });
    }
    if (asString(message.role)?.toLowerCase() !== 'tool') continue;
    const found = waiting === undefined ? -1 : findCall(waiting, message);
    if (found < 0) {
      const at = `messages[${index}]`;
      throw invalid(at, `${at} is the result of a tool, and answers no tool call that came before it`);
    }
    waiting?.splice(found, 1);
  }
};
