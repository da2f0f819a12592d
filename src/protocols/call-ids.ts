/** The ids of tool calls for dialects that need one on every call and every result. May import spec. */

import type { Message, ToolCall } from '../spec/chat-request.ts';

/** Walks one conversation in its order. */
export interface CallIds {
  /** The id of a call: its own, or one made from its position, so that the same conversation always gets the same. */
  ofCall(call: ToolCall): string;
  /** The id of the call that a result answers; undefined where no call waits for one. */
  ofResult(result: Message): string | undefined;
  /** How many calls there were so far. */
  count(): number;
}

/** A result without an id belongs to the first waiting call of its name. */
export const createCallIds = (): CallIds => {
  let calls = 0;
  let waiting: readonly { readonly id: string; readonly name: string }[] = [];

  return {
    ofCall: ({ id: given, name }) => {
      const id = given ?? `call_${calls}`;
      calls += 1;
      waiting = [...waiting, { id, name }];
      return id;
    },
    ofResult: ({ toolCallId, toolName }) => {
      const found =
        toolCallId === undefined
          ? (waiting.find(({ name }) => name === toolName) ?? waiting[0])
          : waiting.find(({ id }) => id === toolCallId);
      waiting = waiting.filter((call) => call !== found);
      return found?.id;
    },
    count: () => calls,
  };
};
