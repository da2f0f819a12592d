/** Ollama's dialect by hand. */

import type { JsonObject } from '../../../src/spec/json.ts';
import {
  type Answer,
  type Ask,
  answeredCall,
  type Call,
  type Dialect,
  type Heard,
  inPieces,
  type Turn,
} from '../dialect.ts';

interface WireCall {
  readonly id?: string;
  readonly function: { readonly name: string; readonly arguments: JsonObject };
}

interface WireMessage {
  readonly role: string;
  readonly content?: string;
  readonly thinking?: string;
  readonly images?: readonly string[];
  readonly tool_calls?: readonly WireCall[];
  readonly tool_name?: string;
  readonly tool_call_id?: string;
}

interface WireLine {
  readonly message?: WireMessage;
  readonly done?: boolean;
  readonly done_reason?: string;
  readonly prompt_eval_count?: number;
  readonly eval_count?: number;
  readonly error?: string;
}

interface WireRequest {
  readonly stream?: boolean;
  readonly messages?: readonly WireMessage[];
  readonly tools?: readonly {
    readonly function: { name: string; description: string; parameters: JsonObject };
  }[];
  readonly format?: JsonObject;
  readonly think?: boolean | string;
  readonly options?: { readonly stop?: readonly string[]; readonly num_predict?: number };
}

const messagesOf = ({ system, turns }: Ask): readonly WireMessage[] => {
  const calls = turns.flatMap((turn) => turn.calls ?? []);
  const messages = turns.map((turn): WireMessage => {
    const call = calls[turn.answers ?? -1];
    if (turn.said !== undefined) return turn.said as unknown as WireMessage;
    return {
      role: turn.role,
      content: turn.text,
      ...(turn.pictures === undefined ? {} : { images: turn.pictures.map(({ data }) => data) }),
      ...(turn.calls === undefined
        ? {}
        : {
            tool_calls: turn.calls.map(({ id, name, arguments: given }) => ({
              id,
              function: { name, arguments: given },
            })),
          }),
      ...(call === undefined ? {} : { tool_name: call.name, tool_call_id: call.id }),
    };
  });
  return system === undefined ? messages : [{ role: 'system', content: system }, ...messages];
};

const heard = (lines: readonly WireLine[]): Heard => {
  const calls = lines.flatMap((line): Call[] =>
    (line.message?.tool_calls ?? []).map((call) => ({ id: call.id ?? '', ...call.function })),
  );
  const last = lines.find(({ done }) => done === true);
  const length = last?.done_reason === 'length' ? 'length' : undefined;
  const said = lines.map(({ message }) => message?.content ?? '');
  const reasoning = lines.map(({ message }) => message?.thinking ?? '').join('');
  return {
    text: said.join(''),
    reasoning,
    calls,
    finish: last === undefined ? undefined : (length ?? (calls.length > 0 ? 'tool-calls' : 'stop')),
    usage:
      last?.eval_count === undefined
        ? undefined
        : { input: last.prompt_eval_count ?? 0, output: last.eval_count },
    error: lines.find(({ error }) => error !== undefined)?.error,
    pieces: said.filter((text) => text !== '').length,
    said: {
      role: 'assistant',
      content: said.join(''),
      ...(reasoning === '' ? {} : { thinking: reasoning }),
      ...(calls.length === 0 ? {} : callsOf(calls)),
    },
  };
};

const line = (message: JsonObject, more: JsonObject = { done: false }): string =>
  `${JSON.stringify({ model: 'm', created_at: '2026-08-21T10:00:00.1Z', message: { role: 'assistant', content: '', ...message }, ...more })}\n`;

const end = ({ finish, usage }: Answer): JsonObject => ({
  done: true,
  done_reason: finish === 'length' ? 'length' : 'stop',
  total_duration: 4_000_000,
  ...(usage === undefined ? {} : { prompt_eval_count: usage.input, eval_count: usage.output }),
});

const callsOf = (calls: readonly Call[]): JsonObject => ({
  tool_calls: calls.map(({ id, name, arguments: given }, index) => ({
    id,
    function: { index, name, arguments: given },
  })),
});

const readTurns = (messages: readonly WireMessage[]): readonly Turn[] => {
  const calls: { id: string; name: string; waiting: boolean }[] = [];
  return messages
    .filter(({ role }) => role !== 'system')
    .map((message): Turn => {
      for (const call of message.tool_calls ?? [])
        calls.push({ id: call.id ?? '', name: call.function.name, waiting: true });
      return {
        role: message.role as Turn['role'],
        text: message.content ?? '',
        ...(message.images === undefined
          ? {}
          : { pictures: message.images.map((data) => ({ mediaType: 'image/png', data })) }),
        ...(message.tool_calls === undefined
          ? {}
          : { calls: message.tool_calls.map((call) => ({ id: call.id ?? '', ...call.function })) }),
        ...(message.role === 'tool'
          ? { answers: answeredCall(calls, { id: message.tool_call_id, name: message.tool_name }) }
          : {}),
      };
    });
};

const model = 'm';

export const ollama: Dialect = {
  id: 'ollama',

  front: {
    write: (ask, model) => ({
      path: '/api/chat',
      body: {
        model,
        stream: ask.stream,
        messages: messagesOf(ask) as unknown as readonly JsonObject[],
        ...(ask.tools === undefined
          ? {}
          : { tools: ask.tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
        ...(ask.schema === undefined ? {} : { format: ask.schema }),
        ...(ask.thinks === undefined ? {} : { think: 'high' }),
        options: {
          ...(ask.stop === undefined ? {} : { stop: ask.stop }),
          ...(ask.maxTokens === undefined ? {} : { num_predict: ask.maxTokens }),
        },
      },
    }),
    hear: (bytes) =>
      heard(
        bytes
          .split('\n')
          .filter(Boolean)
          .map((text) => JSON.parse(text)),
      ),
  },

  wire: {
    backend: { kind: 'ollama' },
    model,
    page: (path) => {
      if (path === '/api/tags') return { models: [{ name: model, model }] };
      if (path === '/api/ps') return { models: [{ name: model, model }] };
      return path === '/api/version' ? { version: '0.33.0' } : undefined;
    },
    read: (_path, body) => {
      const asked = body as unknown as WireRequest;
      const messages = asked.messages ?? [];
      const system = messages.find(({ role }) => role === 'system')?.content;
      const { stop, num_predict: maxTokens } = asked.options ?? {};
      return {
        stream: asked.stream !== false,
        turns: readTurns(messages),
        ...(system === undefined ? {} : { system }),
        ...(asked.tools === undefined
          ? {}
          : {
              tools: asked.tools.map(({ function: { name, description, parameters } }) => ({
                name,
                description,
                parameters,
              })),
            }),
        ...(asked.format === undefined ? {} : { schema: asked.format }),
        ...(asked.think === undefined ? {} : { thinks: asked.think !== false }),
        ...(stop === undefined ? {} : { stop }),
        ...(maxTokens === undefined ? {} : { maxTokens }),
      };
    },
    signed: () => [],
    whole: (answer) => ({
      model: 'm',
      created_at: '2026-08-21T10:00:00.1Z',
      message: {
        role: 'assistant',
        content: answer.text,
        ...(answer.reasoning === undefined ? {} : { thinking: answer.reasoning }),
        ...(answer.calls === undefined ? {} : callsOf(answer.calls)),
      },
      ...end(answer),
    }),
    parts: (answer) => [
      ...inPieces(answer.reasoning ?? '').map((thinking) => line({ thinking })),
      ...inPieces(answer.text).map((content) => line({ content })),
      // One line for each call, as the engine finds them.
      ...(answer.calls ?? []).map((call) => line(callsOf([call]))),
      line({}, end(answer)),
    ],
    error: (message) => `${JSON.stringify({ error: message })}\n`,
  },
};
