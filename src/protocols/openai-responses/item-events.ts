/** The events by which an item of the output is told, from its beginning to its end. May import spec. */

import type { JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import {
  callItem,
  messageItem,
  type OpenCall,
  type OpenText,
  reasoningItem,
  type Status,
  textPart,
} from './output-items.ts';
import { customInput } from './told-tools.ts';

/** One event without its number. */
export type ToldEvent = readonly [type: string, fields: JsonObject];

const added = (index: number, item: JsonObject): ToldEvent => [
  'response.output_item.added',
  { output_index: index, item },
];

const done = (index: number, item: JsonObject): ToldEvent => [
  'response.output_item.done',
  { output_index: index, item },
];

const summaryPart = (text: string): JsonObject => ({ type: 'summary_text', text });

/** The beginning of text or reasoning. */
export const openingOf = ({ kind, id, index }: OpenText): readonly ToldEvent[] => {
  const at = { item_id: id, output_index: index };
  return kind === 'message'
    ? [
        added(index, messageItem(id, [], 'in_progress')),
        ['response.content_part.added', { ...at, content_index: 0, part: textPart('', []) }],
      ]
    : [
        added(index, reasoningItem(id, '')),
        ['response.reasoning_summary_part.added', { ...at, summary_index: 0, part: summaryPart('') }],
      ];
};

/** The end of it; the last event holds the whole item. */
export const closingOf = (
  { kind, id, index, text, logprobs }: OpenText,
  status: Status,
  signature: Signature | undefined,
): readonly ToldEvent[] => {
  const at = { item_id: id, output_index: index };
  if (kind === 'message') {
    const part = textPart(text, logprobs);
    return [
      ['response.output_text.done', { ...at, content_index: 0, text, logprobs }],
      ['response.content_part.done', { ...at, content_index: 0, part }],
      done(index, messageItem(id, [part], status)),
    ];
  }
  return [
    ['response.reasoning_summary_text.done', { ...at, summary_index: 0, text }],
    ['response.reasoning_summary_part.done', { ...at, summary_index: 0, part: summaryPart(text) }],
    done(index, reasoningItem(id, text, signature)),
  ];
};

/** An item that is there at once. */
export const atOnce = (index: number, begun: JsonObject, whole: JsonObject): readonly ToldEvent[] => [
  added(index, begun),
  done(index, whole),
];

/** The beginning of a call. */
export const callOpening = (call: OpenCall): ToldEvent => added(call.index, callItem(call, 'in_progress'));

/** Its end; of a tool of plain text the input comes in one piece, for it can be read only when it is whole. */
export const callClosing = (call: OpenCall, status: Status): readonly ToldEvent[] => {
  const at = { item_id: call.id, output_index: call.index };
  const last = done(call.index, callItem(call, status));
  if (!call.isCustom) {
    const whole = { ...at, name: call.name, arguments: call.arguments };
    return [['response.function_call_arguments.done', whole], last];
  }
  const input = customInput(call.arguments);
  return [
    ['response.custom_tool_call_input.delta', { ...at, delta: input }],
    ['response.custom_tool_call_input.done', { ...at, input }],
    last,
  ];
};
