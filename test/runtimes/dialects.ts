/** The two dialects as a client and an engine write them, by hand: a case says what happens once and holds in both. */

export interface Answer {
  /** The content of all deltas. */
  readonly text: string;
  readonly reasoning: string;
  /** Whether it has the end a client of the dialect waits for. */
  readonly complete: boolean;
  readonly error: string | undefined;
  /** Signs of life that carry nothing. */
  readonly signs: number;
  /** Every object, in order. */
  readonly objects: readonly Wire[];
}

/** JSON as it came; tests look into it freely. */
export interface Wire {
  readonly [key: string]: unknown;
}

export interface Dialect {
  readonly name: 'Ollama' | 'OpenAI';
  /** The kind of backend that speaks it. */
  readonly kind: 'ollama' | 'openai-compatible';
  readonly chatPath: string;
  readonly streamType: string;
  readonly wholeType: string;
  /** A chat that streams. */
  chat(model: string, more?: Wire): Wire;
  /** What an engine sends before any content. */
  readonly prelude: string;
  text(content: string): string;
  /** The end of an answer with its marker. */
  readonly end: string;
  error(message: string): string;
  /** A complete answer in one piece. */
  whole(content: string): Wire;
  read(stream: string): Answer;
  /** The message of an error answer. */
  messageOf(body: Wire): string | undefined;
}

const messages = [{ role: 'user', content: 'Say hello' }];

/** One JSON object per line. */
export const linesOf = (stream: string): readonly Wire[] =>
  stream
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Wire);

/** The data of each event, `[DONE]` included, and how many comments stood between them. */
export const eventsOf = (
  stream: string,
): { readonly data: readonly string[]; readonly comments: readonly string[] } => {
  const lines = stream.split('\n');
  return {
    data: lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)),
    comments: lines.filter((line) => line.startsWith(':')),
  };
};

/** Follows a path of keys into parsed JSON. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let here = value;
  for (const key of path) here = (here as Record<string | number, unknown> | null | undefined)?.[key];
  return here;
};

const stringAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};

const ollamaLine = (fields: Wire): string =>
  `${JSON.stringify({ model: 'm', created_at: '2026-08-21T10:00:00Z', ...fields })}\n`;

const ollamaEnd = {
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  total_duration: 9_000_000,
  prompt_eval_count: 7,
  eval_count: 2,
};

export const ollama: Dialect = {
  name: 'Ollama',
  kind: 'ollama',
  chatPath: '/api/chat',
  streamType: 'application/x-ndjson',
  wholeType: 'application/json; charset=utf-8',
  chat: (model, more = {}) => ({ model, messages, ...more }),
  prelude: ollamaLine({ message: { role: 'assistant', content: '' }, done: false }),
  text: (content) => ollamaLine({ message: { role: 'assistant', content }, done: false }),
  end: ollamaLine(ollamaEnd),
  error: (message) => `${JSON.stringify({ error: message })}\n`,
  whole: (content) => ({
    model: 'm',
    created_at: '2026-08-21T10:00:00Z',
    ...ollamaEnd,
    message: { role: 'assistant', content },
  }),
  read: (stream) => {
    const objects = linesOf(stream);
    const contents = objects.map(
      (line) => stringAt(line, 'message', 'content') || stringAt(line, 'response'),
    );
    return {
      objects,
      text: contents.join(''),
      reasoning: objects
        .map((line) => stringAt(line, 'message', 'thinking') || stringAt(line, 'thinking'))
        .join(''),
      complete: at(objects.at(-1), 'done') === true,
      error: objects.map((line) => stringAt(line, 'error')).find((text) => text !== ''),
      signs: objects.filter((line, index) => line.done === false && contents[index] === '').length,
    };
  },
  messageOf: (body) => (typeof body.error === 'string' ? body.error : undefined),
};

const chunkOf = (delta: Wire, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_755_770_400,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const openAiUsage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };

export const openAi: Dialect = {
  name: 'OpenAI',
  kind: 'openai-compatible',
  chatPath: '/v1/chat/completions',
  streamType: 'text/event-stream',
  wholeType: 'application/json',
  chat: (model, more = {}) => ({ model, messages, stream: true, ...more }),
  prelude: chunkOf({ role: 'assistant', content: '' }),
  text: (content) => chunkOf({ content }),
  end: `${chunkOf({}, 'stop')}data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_755_770_400, model: 'm', choices: [], usage: openAiUsage })}\n\ndata: [DONE]\n\n`,
  error: (message) => `data: ${JSON.stringify({ error: { message, type: 'server_error', code: 500 } })}\n\n`,
  whole: (content) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_755_770_400,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: openAiUsage,
  }),
  read: (stream) => {
    const { data, comments } = eventsOf(stream);
    const objects = data.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text) as Wire);
    const deltas = objects.map((chunk) => at(chunk, 'choices', 0, 'delta'));
    return {
      objects,
      text: objects
        .map((chunk, index) => stringAt(deltas[index], 'content') || stringAt(chunk, 'choices', 0, 'text'))
        .join(''),
      reasoning: deltas.map((delta) => stringAt(delta, 'reasoning_content')).join(''),
      complete: data.at(-1) === '[DONE]',
      error: objects.map((chunk) => stringAt(chunk, 'error', 'message')).find((text) => text !== ''),
      signs: comments.filter((comment) => comment === ': ping').length,
    };
  },
  messageOf: (body) => {
    const message = at(body, 'error', 'message');
    return typeof message === 'string' ? message : undefined;
  },
};

export const dialects: readonly Dialect[] = [ollama, openAi];

/** Sends a JSON body, or text as it is. */
export const post = (
  origin: string,
  path: string,
  body: unknown,
  init: RequestInit = {},
): Promise<Response> =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });

/** Has an engine answer a prompt in its dialect. */
export const say = (
  call: { begin(type: string): void; write(part: string): void; end(): void },
  dialect: Dialect,
  ...words: readonly string[]
): void => {
  call.begin(dialect.streamType);
  for (const word of words) call.write(dialect.text(word));
  call.write(dialect.end);
  call.end();
};
