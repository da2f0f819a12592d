/** OpenAI's Responses API by hand; no backend speaks it. */

import type { Json, JsonObject } from '../../../src/spec/json.ts';
import {
  type Answer,
  type Ask,
  type Call,
  type Dialect,
  eventsIn,
  type Front,
  type Heard,
  type Turn,
} from '../dialect.ts';

interface Item {
  readonly type: string;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly content?: readonly { readonly text?: string }[];
  readonly summary?: readonly { readonly text?: string }[];
}

interface WireResponse {
  readonly id: string;
  readonly status: string;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly output: readonly Item[];
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number } | null;
}

interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly delta?: string;
  readonly message?: string;
  readonly item?: Item;
  readonly response?: WireResponse;
}

/** Items of the turns from one on; results refer to calls of any turn before them. */
const itemsOf = ({ turns }: Ask, from = 0): readonly JsonObject[] => {
  const calls = turns.flatMap((turn) => turn.calls ?? []);
  return turns.slice(from).flatMap((turn): JsonObject[] => {
    const call = calls[turn.answers ?? -1];
    if (turn.said !== undefined) return asSaid(turn.said).output;
    if (call !== undefined) return [{ type: 'function_call_output', call_id: call.id, output: turn.text }];
    const said = turn.text === '' && turn.calls !== undefined ? [] : [messageOf(turn)];
    const made = (turn.calls ?? []).map(({ id, name, arguments: given }) => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: JSON.stringify(given),
    }));
    return [...said, ...made];
  });
};

const asSaid = (said: Json) => said as unknown as { readonly id: string; readonly output: JsonObject[] };

const messageOf = ({ role, text, pictures = [] }: Turn): JsonObject => ({
  type: 'message',
  role,
  content: [
    { type: role === 'assistant' ? 'output_text' : 'input_text', text },
    ...pictures.map(({ mediaType, data }) => ({
      type: 'input_image',
      detail: 'auto',
      image_url: `data:${mediaType};base64,${data}`,
    })),
  ],
});

const callOf = (item: Item): Call => ({
  id: item.call_id ?? '',
  name: item.name ?? '',
  arguments: JSON.parse(item.arguments ?? ''),
});

const finishOf = (response: WireResponse): Answer['finish'] => {
  if (response.status === 'incomplete') return 'length';
  return response.output.some(({ type }) => type === 'function_call') ? 'tool-calls' : 'stop';
};

const textIn = (parts: readonly { readonly text?: string }[] = []): string =>
  parts.map(({ text }) => text ?? '').join('');

const heardWhole = (response: WireResponse): Heard => {
  const of = (wanted: string): readonly Item[] => response.output.filter(({ type }) => type === wanted);
  const texts = of('message').map(({ content }) => textIn(content));
  return {
    text: texts.join(''),
    reasoning: of('reasoning')
      .map(({ summary }) => textIn(summary))
      .join(''),
    calls: of('function_call').map(callOf),
    finish: finishOf(response),
    usage: response.usage
      ? { input: response.usage.input_tokens, output: response.usage.output_tokens }
      : undefined,
    error: undefined,
    pieces: texts.length,
    said: { id: response.id, output: response.output } as unknown as Json,
  };
};

/** What the deltas say; the whole at the end must say the same. */
const heardStream = (events: readonly WireEvent[]): Heard => {
  for (const [index, event] of events.entries()) {
    if (event.sequence_number !== index)
      throw new Error(`event ${index} is numbered ${event.sequence_number}`);
  }
  const deltas = (type: string): readonly string[] =>
    events.filter((event) => event.type === type).map(({ delta }) => delta ?? '');
  const last = events.find(({ type }) => type === 'response.completed' || type === 'response.incomplete');
  const whole = last?.response && heardWhole(last.response);
  const texts = deltas('response.output_text.delta');
  const said = {
    text: texts.join(''),
    reasoning: deltas('response.reasoning_summary_text.delta').join(''),
    calls: events
      .filter(({ type, item }) => type === 'response.output_item.done' && item?.type === 'function_call')
      .map(({ item }) => callOf(item ?? { type: '' })),
  };
  if (whole !== undefined) {
    const { text, reasoning, calls } = whole;
    const isSame = JSON.stringify({ text, reasoning, calls }) === JSON.stringify(said);
    if (!isSame) throw new Error('the deltas say something else than the whole');
  }
  return {
    ...said,
    finish: whole?.finish,
    usage: whole?.usage,
    error: events.find(({ type }) => type === 'error')?.message,
    pieces: texts.length,
    said: whole?.said ?? null,
  };
};

/** The same client, which leaves the conversation with the server and names the answer it goes on from. */
export const continuing = (given: Front): Front => ({
  ...given,
  write: (ask, name) => {
    const { path, body } = given.write(ask, name);
    const last = ask.turns.findLastIndex(({ said }) => said !== undefined);
    const said = ask.turns[last]?.said;
    if (said === undefined) return { path, body };
    const { id } = asSaid(said);
    return { path, body: { ...body, input: itemsOf(ask, last + 1), previous_response_id: id } };
  },
});

export const openaiResponses: Dialect = {
  id: 'openai-responses',

  front: {
    write: (ask, model) => ({
      path: '/v1/responses',
      body: {
        model,
        stream: ask.stream,
        input: itemsOf(ask),
        ...(ask.system === undefined ? {} : { instructions: ask.system }),
        ...(ask.tools === undefined
          ? {}
          : { tools: ask.tools.map((tool) => ({ type: 'function', strict: true, ...tool })) }),
        ...(ask.schema === undefined
          ? {}
          : { text: { format: { type: 'json_schema', name: 'answer', schema: ask.schema, strict: true } } }),
        ...(ask.thinks === undefined ? {} : { reasoning: { effort: 'high', summary: 'auto' } }),
        ...(ask.maxTokens === undefined ? {} : { max_output_tokens: ask.maxTokens }),
      },
    }),
    hear: (bytes, stream) =>
      stream
        ? heardStream(eventsIn(bytes) as unknown as readonly WireEvent[])
        : heardWhole(JSON.parse(bytes) as WireResponse),
  },
};
