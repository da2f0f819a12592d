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

/** The call that a result answers: by its id, else by its name, else the first that waits. */
export const answeredCall = <Call extends Pick<ToolCall, 'id' | 'name'>>(
  waiting: readonly Call[],
  { toolCallId, toolName }: Message,
): Call | undefined =>
  toolCallId === undefined
    ? (waiting.find(({ name }) => name === toolName) ?? waiting[0])
    : waiting.find(({ id }) => id === toolCallId);

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
    ofResult: (result) => {
      const found = answeredCall(waiting, result);
      waiting = waiting.filter((call) => call !== found);
      return found?.id;
    },
    count: () => calls,
  };
};
