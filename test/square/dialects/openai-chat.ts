/** OpenAI's chat completions by hand. */

import type { JsonObject } from '../../../src/spec/json.ts';
import {
  type Answer,
  type Ask,
  answeredCall,
  type Call,
  type Dialect,
  eventsIn,
  type Heard,
  inPieces,
  type Picture,
  type Tool,
  type Turn,
} from '../dialect.ts';

interface WireCall {
  readonly index?: number;
  readonly id?: string;
  readonly type?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface WirePart {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

interface WireMessage {
  readonly role?: string;
  readonly content?: string | readonly WirePart[] | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly WireCall[];
  readonly tool_call_id?: string;
}

interface WireChunk {
  readonly choices?: readonly {
    readonly delta?: WireMessage;
    readonly message?: WireMessage;
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string };
}

interface WireRequest {
  readonly stream?: boolean;
  readonly messages?: readonly WireMessage[];
  readonly tools?: readonly { readonly function: Tool }[];
  readonly response_format?: { readonly json_schema?: { readonly schema: JsonObject } };
  readonly reasoning_effort?: string;
  readonly stop?: readonly string[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

const contentOf = ({ text, pictures }: Turn): string | readonly JsonObject[] =>
  pictures === undefined
    ? text
    : [
        { type: 'text', text },
        ...pictures.map(({ mediaType, data }) => ({
          type: 'image_url',
          image_url: { url: `data:${mediaType};base64,${data}` },
        })),
      ];

const messagesOf = ({ system, turns }: Ask): readonly JsonObject[] => {
  const calls = turns.flatMap((turn) => turn.calls ?? []);
  const messages = turns.map((turn): JsonObject => {
    const call = calls[turn.answers ?? -1];
    if (turn.said !== undefined) return turn.said as JsonObject;
    return {
      role: turn.role,
      content: turn.text === '' && turn.calls !== undefined ? null : contentOf(turn),
      ...(turn.calls === undefined ? {} : callsOf(turn.calls)),
      ...(call === undefined ? {} : { tool_call_id: call.id }),
    };
  });
  return system === undefined ? messages : [{ role: 'system', content: system }, ...messages];
};

const callsOf = (calls: readonly Call[]): JsonObject => ({
  tool_calls: calls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  })),
});

const finishes: Readonly<Record<string, Answer['finish']>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
};

const words: Readonly<Record<Answer['finish'], string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
};

/** As the official clients gather them: by index, names once, arguments joined. */
const gathered = (deltas: readonly WireCall[]): readonly Call[] => {
  const calls: { id: string; name: string; text: string }[] = [];
  for (const [place, delta] of deltas.entries()) {
    const index = delta.index ?? place;
    const call = calls[index] ?? { id: '', name: '', text: '' };
    calls[index] = call;
    call.id ||= delta.id ?? '';
    call.name ||= delta.function?.name ?? '';
    call.text += delta.function?.arguments ?? '';
  }
  return calls.map(({ id, name, text }) => ({ id, name, arguments: JSON.parse(text) }));
};

const heard = (chunks: readonly WireChunk[]): Heard => {
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  const messages = choices.map(({ delta, message }) => delta ?? message ?? {});
  const said = messages.map(({ content }) => (typeof content === 'string' ? content : ''));
  const finish = choices.find(({ finish_reason: reason }) => typeof reason === 'string')?.finish_reason;
  const usage = chunks.find((chunk) => chunk.usage)?.usage;
  const calls = gathered(messages.flatMap(({ tool_calls: deltas }) => deltas ?? []));
  return {
    text: said.join(''),
    reasoning: messages.map(({ reasoning_content: text }) => text ?? '').join(''),
    calls,
    finish: finish ? finishes[finish] : undefined,
    usage: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined,
    error: chunks.find(({ error }) => error !== undefined)?.error?.message,
    pieces: said.filter((text) => text !== '').length,
    said: {
      role: 'assistant',
      content: said.join('') || null,
      ...(calls.length === 0 ? {} : callsOf(calls)),
    },
  };
};

const head = { id: 'chatcmpl-1', created: 1_755_770_400, model: 'm' };

const chunk = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const usageOf = ({ usage }: Answer): JsonObject | undefined =>
  usage && {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
  };

const callParts = ({ id, name, arguments: given }: Call, index: number): readonly string[] => [
  chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
  ...inPieces(JSON.stringify(given)).map((piece) =>
    chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
  ),
];

const partsOf = ({ content }: WireMessage): readonly WirePart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);

const pictureOf = (part: WirePart): Picture[] => {
  const found = /^data:([^;]+);base64,(.*)$/.exec(part.image_url?.url ?? '');
  return found === null ? [] : [{ mediaType: found[1] ?? '', data: found[2] ?? '' }];
};

const readTurns = (messages: readonly WireMessage[]): readonly Turn[] => {
  const calls: { id: string; name: string; waiting: boolean }[] = [];
  return messages
    .filter(({ role }) => role !== 'system' && role !== 'developer')
    .map((message): Turn => {
      const parts = partsOf(message);
      const pictures = parts.flatMap(pictureOf);
      const made = message.tool_calls ?? [];
      for (const call of made)
        calls.push({ id: call.id ?? '', name: call.function?.name ?? '', waiting: true });
      return {
        role: message.role as Turn['role'],
        text: parts.map(({ text }) => text ?? '').join(''),
        ...(pictures.length === 0 ? {} : { pictures }),
        ...(made.length === 0 ? {} : { calls: gathered(made) }),
        ...(message.role === 'tool' ? { answers: answeredCall(calls, { id: message.tool_call_id }) } : {}),
      };
    });
};

const model = 'm';

export const openaiChat: Dialect = {
  id: 'openai-chat',

  front: {
    write: (ask, model) => ({
      path: '/v1/chat/completions',
      body: {
        model,
        stream: ask.stream,
        messages: messagesOf(ask),
        ...(ask.stream ? { stream_options: { include_usage: true } } : {}),
        ...(ask.tools === undefined
          ? {}
          : { tools: ask.tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
        ...(ask.schema === undefined
          ? {}
          : {
              response_format: {
                type: 'json_schema',
                json_schema: { name: 'answer', schema: ask.schema, strict: true },
              },
            }),
        ...(ask.thinks === undefined ? {} : { reasoning_effort: 'high' }),
        ...(ask.stop === undefined ? {} : { stop: ask.stop }),
        ...(ask.maxTokens === undefined ? {} : { max_completion_tokens: ask.maxTokens }),
      },
    }),
    hear: (bytes, stream) => heard(stream ? (eventsIn(bytes) as readonly WireChunk[]) : [JSON.parse(bytes)]),
  },

  wire: {
    backend: { kind: 'openai-compatible' },
    model,
    page: (path) =>
      path === '/v1/models'
        ? { object: 'list', data: [{ id: model, object: 'model', created: 1, owned_by: 'me' }] }
        : undefined,
    read: (_path, body) => {
      const asked = body as unknown as WireRequest;
      const messages = asked.messages ?? [];
      const system = messages.find(({ role }) => role === 'system' || role === 'developer')?.content;
      const schema = asked.response_format?.json_schema?.schema;
      const maxTokens = asked.max_completion_tokens ?? asked.max_tokens;
      return {
        stream: asked.stream === true,
        turns: readTurns(messages),
        ...(typeof system === 'string' ? { system } : {}),
        ...(asked.tools === undefined
          ? {}
          : {
              tools: asked.tools.map(({ function: { name, description, parameters } }) => ({
                name,
                description,
                parameters,
              })),
            }),
        ...(schema === undefined ? {} : { schema }),
        ...(asked.reasoning_effort === undefined ? {} : { thinks: asked.reasoning_effort !== 'none' }),
        ...(asked.stop === undefined ? {} : { stop: asked.stop }),
        ...(maxTokens === undefined ? {} : { maxTokens }),
      };
    },
    signed: () => [],
    whole: (answer) => ({
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: answer.text === '' ? null : answer.text,
            ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
            ...(answer.calls === undefined ? {} : callsOf(answer.calls)),
          },
          finish_reason: words[answer.finish],
        },
      ],
      ...(answer.usage === undefined ? {} : { usage: usageOf(answer) }),
    }),
    parts: (answer) => [
      chunk({ role: 'assistant', content: '' }),
      ...inPieces(answer.reasoning ?? '').map((text) => chunk({ reasoning_content: text })),
      ...inPieces(answer.text).map((content) => chunk({ content })),
      ...(answer.calls ?? []).flatMap(callParts),
      chunk({}, words[answer.finish]),
      ...(answer.usage === undefined
        ? []
        : [
            `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(answer) })}\n\n`,
          ]),
      'data: [DONE]\n\n',
    ],
    error: (message) =>
      `data: ${JSON.stringify({ error: { message, type: 'server_error', param: null, code: 500 } })}\n\n`,
  },
};
