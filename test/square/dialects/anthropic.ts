/** Anthropic's Messages by hand. */

import type { Json, JsonObject } from '../../../src/spec/json.ts';
import {
  type Answer,
  type Ask,
  answeredCall,
  type Call,
  type Dialect,
  eventsIn,
  type Heard,
  inPieces,
  type Turn,
} from '../dialect.ts';

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly data?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: JsonObject;
  readonly tool_use_id?: string;
  readonly content?: string | readonly Block[];
  readonly source?: { readonly type: string; readonly media_type: string; readonly data: string };
}

interface WireMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly Block[];
}

interface WireRequest {
  readonly stream?: boolean;
  readonly system?: string | readonly Block[];
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly {
    readonly name: string;
    readonly description: string;
    readonly input_schema: JsonObject;
  }[];
  readonly output_config?: { readonly format?: { readonly schema?: JsonObject }; readonly effort?: string };
  readonly thinking?: { readonly type: string };
  readonly stop_sequences?: readonly string[];
  readonly max_tokens?: number;
}

interface WireUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
}

interface WireAnswer {
  readonly content: readonly Block[];
  readonly stop_reason: string | null;
  readonly usage: WireUsage;
}

interface WireEvent {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly usage: WireUsage };
  readonly content_block?: Block;
  readonly delta?: {
    readonly text?: string;
    readonly thinking?: string;
    readonly partial_json?: string;
    readonly signature?: string;
    readonly stop_reason?: string;
  };
  readonly usage?: WireUsage;
  readonly error?: { readonly message: string };
}

/** Results of one turn go back in one message of the user. */
const messagesOf = ({ turns }: Ask): readonly JsonObject[] => {
  const calls = turns.flatMap((turn) => turn.calls ?? []);
  const messages: { role: string; content: JsonObject[] }[] = [];
  for (const turn of turns) {
    const call = calls[turn.answers ?? -1];
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    const last = messages[messages.length - 1];
    const blocks: JsonObject[] =
      call === undefined
        ? ((turn.said as unknown as JsonObject[] | undefined) ?? blocksOf(turn))
        : [{ type: 'tool_result', tool_use_id: call.id, content: turn.text }];
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  }
  return messages;
};

const blocksOf = ({ text, pictures = [], calls = [] }: Turn): JsonObject[] => [
  ...(text === '' ? [] : [{ type: 'text', text }]),
  ...pictures.map(({ mediaType, data }) => ({
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data },
  })),
  ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
];

const textOf = (content: string | readonly Block[] | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('');

const finishes: Readonly<Record<string, Answer['finish']>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
};

const reasons: Readonly<Record<Answer['finish'], string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
};

const usageOf = ({ input_tokens: input, output_tokens: output }: WireUsage) =>
  input === undefined || output === undefined ? undefined : { input, output };

const callOf = ({ id = '', name = '', input = {} }: Block): Call => ({ id, name, arguments: input });

const heardWhole = ({ content, stop_reason: reason, usage }: WireAnswer): Heard => ({
  text: textOf(content),
  reasoning: content.map(({ thinking }) => thinking ?? '').join(''),
  calls: content.filter(({ type }) => type === 'tool_use').map(callOf),
  finish: finishes[reason ?? ''],
  usage: usageOf(usage),
  error: undefined,
  pieces: content.length,
  said: content as unknown as Json,
});

/** As the official client puts a message together: blocks by index, input as JSON text. */
const heardStream = (events: readonly WireEvent[]): Heard => {
  const blocks: { block: Block; json: string }[] = [];
  let usage: WireUsage = {};
  let reason: string | null = null;
  for (const { type, index = -1, message, content_block: started, delta, usage: later } of events) {
    if (type === 'message_start') usage = { ...message?.usage };
    if (type === 'message_delta') usage = { ...usage, ...later };
    reason = delta?.stop_reason ?? reason;
    if (started !== undefined) blocks[index] = { block: started, json: '' };
    const open = blocks[index];
    if (open === undefined || delta === undefined) continue;
    const { block } = open;
    open.json += delta.partial_json ?? '';
    open.block = {
      ...block,
      ...(delta.text === undefined ? {} : { text: `${block.text ?? ''}${delta.text}` }),
      ...(delta.thinking === undefined ? {} : { thinking: `${block.thinking ?? ''}${delta.thinking}` }),
      ...(delta.signature === undefined ? {} : { signature: delta.signature }),
    };
  }
  const content = blocks.map(({ block, json }) =>
    json === '' ? block : { ...block, input: JSON.parse(json) },
  );
  const isWhole = events.some(({ type }) => type === 'message_stop');
  return {
    ...heardWhole({ content, stop_reason: isWhole ? reason : null, usage }),
    error: events.find(({ type }) => type === 'error')?.error?.message,
    pieces: events.filter(({ delta }) => delta?.text !== undefined && delta.text !== '').length,
  };
};

const event = (type: string, fields: JsonObject = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const block = (index: number, start: JsonObject, deltas: readonly JsonObject[]): readonly string[] => [
  event('content_block_start', { index, content_block: start }),
  ...deltas.map((delta) => event('content_block_delta', { index, delta })),
  event('content_block_stop', { index }),
];

/** Reasoning is always signed. */
const unnamed = 'c2lnbmVk';

const partsOf = ({
  text,
  reasoning,
  signature = unnamed,
  redacted,
  calls = [],
  finish,
  usage,
}: Answer): readonly string[] => {
  const parts = [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: usage?.input ?? 1, output_tokens: 1 },
      },
    }),
    event('ping'),
  ];
  let index = 0;
  if (reasoning !== undefined) {
    const deltas = inPieces(reasoning).map((thinking) => ({ type: 'thinking_delta', thinking }));
    const signed = [...deltas, { type: 'signature_delta', signature }];
    parts.push(...block(index, { type: 'thinking', thinking: '', signature: '' }, signed));
    index += 1;
  }
  if (redacted !== undefined) {
    parts.push(...block(index, { type: 'redacted_thinking', data: redacted }, []));
    index += 1;
  }
  if (text !== '') {
    const deltas = inPieces(text).map((piece) => ({ type: 'text_delta', text: piece }));
    parts.push(...block(index, { type: 'text', text: '' }, deltas));
    index += 1;
  }
  for (const { id, name, arguments: input } of calls) {
    const deltas = ['', ...inPieces(JSON.stringify(input))].map((partial) => ({
      type: 'input_json_delta',
      partial_json: partial,
    }));
    parts.push(...block(index, { type: 'tool_use', id, name, input: {} }, deltas));
    index += 1;
  }
  return [
    ...parts,
    event('message_delta', {
      delta: { stop_reason: reasons[finish], stop_sequence: null },
      usage: { output_tokens: usage?.output ?? 1 },
    }),
    event('message_stop'),
  ];
};

const readTurns = (messages: readonly WireMessage[]): readonly Turn[] => {
  const calls: { id: string; name: string; waiting: boolean }[] = [];
  return messages.flatMap(({ role, content }): Turn[] => {
    if (typeof content === 'string') return [{ role, text: content }];
    const results = content
      .filter(({ type }) => type === 'tool_result')
      .map(
        (result): Turn => ({
          role: 'tool',
          text: textOf(result.content),
          answers: answeredCall(calls, { id: result.tool_use_id }),
        }),
      );
    const made = content.filter(({ type }) => type === 'tool_use').map(callOf);
    for (const { id, name } of made) calls.push({ id, name, waiting: true });
    const pictures = content.flatMap(({ source }) =>
      source === undefined ? [] : [{ mediaType: source.media_type, data: source.data }],
    );
    const signatures = content.flatMap(({ type, signature, data }) => {
      if (type === 'redacted_thinking') return data ?? [];
      return type === 'thinking' && signature !== '' ? (signature ?? []) : [];
    });
    const text = textOf(content.filter(({ type }) => type === 'text'));
    if (text === '' && made.length === 0 && pictures.length === 0) return results;
    const said = {
      role,
      text,
      ...(pictures.length === 0 ? {} : { pictures }),
      ...(made.length === 0 ? {} : { calls: made }),
      ...(signatures.length === 0 ? {} : { signatures }),
    };
    return [...results, said];
  });
};

const defaultMaxTokens = 1024;

const model = 'claude-sonnet-4-5';

export const anthropic: Dialect = {
  id: 'anthropic',

  front: {
    write: (ask, model) => ({
      path: '/v1/messages',
      body: {
        model,
        stream: ask.stream,
        max_tokens: ask.maxTokens ?? defaultMaxTokens,
        messages: messagesOf(ask),
        ...(ask.system === undefined ? {} : { system: ask.system }),
        ...(ask.tools === undefined
          ? {}
          : {
              tools: ask.tools.map(({ name, description, parameters }) => ({
                name,
                description,
                input_schema: parameters,
              })),
            }),
        ...(ask.schema === undefined
          ? {}
          : { output_config: { format: { type: 'json_schema', schema: ask.schema } } }),
        ...(ask.thinks === undefined
          ? {}
          : { max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 16_000 } }),
        ...(ask.stop === undefined ? {} : { stop_sequences: ask.stop }),
      },
    }),
    hear: (bytes, stream) =>
      stream
        ? heardStream(eventsIn(bytes) as unknown as readonly WireEvent[])
        : heardWhole(JSON.parse(bytes)),
  },

  wire: {
    backend: { kind: 'anthropic', apiKey: 'sk-ant-square' },
    model,
    page: (path) =>
      path.startsWith('/v1/models')
        ? {
            data: [{ type: 'model', id: model, display_name: model, created_at: '2026-01-01T00:00:00Z' }],
            has_more: false,
            first_id: model,
            last_id: model,
          }
        : undefined,
    read: (_path, body) => {
      const asked = body as unknown as WireRequest;
      const { thinking, output_config: output, stop_sequences: stop } = asked;
      return {
        stream: asked.stream === true,
        turns: readTurns(asked.messages),
        ...(asked.system === undefined ? {} : { system: textOf(asked.system) }),
        ...(asked.tools === undefined
          ? {}
          : {
              tools: asked.tools.map(({ name, description, input_schema: parameters }) => ({
                name,
                description,
                parameters,
              })),
            }),
        ...(output?.format?.schema === undefined ? {} : { schema: output.format.schema }),
        ...(thinking === undefined ? {} : { thinks: thinking.type !== 'disabled' }),
        ...(stop === undefined ? {} : { stop }),
        ...(asked.max_tokens === undefined ? {} : { maxTokens: asked.max_tokens }),
      };
    },
    signed: ({ reasoning, signature, redacted }) =>
      [reasoning === undefined ? undefined : signature, redacted].filter((text) => text !== undefined),
    whole: ({ text, reasoning, signature = unnamed, redacted, calls = [], finish, usage }) => ({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature }]),
        ...(redacted === undefined ? [] : [{ type: 'redacted_thinking', data: redacted }]),
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
      ],
      stop_reason: reasons[finish],
      stop_sequence: null,
      usage: { input_tokens: usage?.input ?? 1, output_tokens: usage?.output ?? 1 },
    }),
    parts: partsOf,
    error: (message) => event('error', { error: { type: 'api_error', message } }),
  },
};
