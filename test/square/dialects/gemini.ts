/** Google's Gemini API by hand. */

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

interface Part {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: JsonObject };
  readonly functionResponse?: { readonly id?: string; readonly name: string; readonly response: JsonObject };
}

interface Content {
  readonly role?: string;
  readonly parts?: readonly Part[];
}

interface WireRequest {
  readonly contents: readonly Content[];
  readonly systemInstruction?: Content;
  readonly tools?: readonly {
    readonly functionDeclarations?: readonly {
      readonly name: string;
      readonly description: string;
      readonly parametersJsonSchema?: JsonObject;
      readonly parameters?: JsonObject;
    }[];
  }[];
  readonly generationConfig?: {
    readonly maxOutputTokens?: number;
    readonly stopSequences?: readonly string[];
    readonly responseJsonSchema?: JsonObject;
    readonly thinkingConfig?: { readonly includeThoughts?: boolean };
  };
}

interface WireAnswer {
  readonly candidates?: readonly { readonly content?: Content; readonly finishReason?: string }[];
  readonly usageMetadata?: {
    readonly promptTokenCount?: number;
    readonly candidatesTokenCount?: number;
    readonly thoughtsTokenCount?: number;
  };
  readonly error?: { readonly message: string };
}

/** Results of one turn go back in one content of the user. */
const contentsOf = ({ turns }: Ask): readonly JsonObject[] => {
  const calls = turns.flatMap((turn) => turn.calls ?? []);
  const contents: { role: string; parts: JsonObject[] }[] = [];
  for (const turn of turns) {
    const call = calls[turn.answers ?? -1];
    const role = turn.role === 'assistant' ? 'model' : 'user';
    const last = contents[contents.length - 1];
    const parts: JsonObject[] =
      call === undefined
        ? ((turn.said as unknown as JsonObject[] | undefined) ?? partsOfTurn(turn))
        : [{ functionResponse: { id: call.id, name: call.name, response: { result: turn.text } } }];
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  return contents;
};

const partsOfTurn = ({ text, pictures = [], calls = [] }: Turn): JsonObject[] => [
  ...(text === '' ? [] : [{ text }]),
  ...pictures.map(({ mediaType, data }) => ({ inlineData: { mimeType: mediaType, data } })),
  ...calls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } })),
];

const finishOf = (reason: string | undefined, calls: readonly Call[]): Answer['finish'] | undefined => {
  if (reason === undefined) return undefined;
  if (reason === 'MAX_TOKENS') return 'length';
  return calls.length > 0 ? 'tool-calls' : 'stop';
};

const heard = (answers: readonly WireAnswer[]): Heard => {
  const candidates = answers.flatMap((answer) => answer.candidates ?? []);
  const parts = candidates.flatMap(({ content }) => content?.parts ?? []);
  const texts = parts.flatMap(({ text, thought }) => (thought === true || !text ? [] : [text]));
  const calls = parts.flatMap(({ functionCall: call }): Call[] =>
    call === undefined ? [] : [{ id: call.id ?? '', name: call.name, arguments: call.args ?? {} }],
  );
  const reason = candidates.find(({ finishReason }) => finishReason !== undefined)?.finishReason;
  const usage = answers.filter(({ usageMetadata }) => usageMetadata !== undefined).at(-1)?.usageMetadata;
  const { promptTokenCount: input, candidatesTokenCount: output, thoughtsTokenCount: thoughts } = usage ?? {};
  return {
    text: texts.join(''),
    reasoning: parts.map(({ text, thought }) => (thought === true ? (text ?? '') : '')).join(''),
    calls,
    finish: finishOf(reason, calls),
    usage:
      input === undefined || output === undefined ? undefined : { input, output: output + (thoughts ?? 0) },
    error: answers.find(({ error }) => error !== undefined)?.error?.message,
    pieces: texts.length,
    said: parts as unknown as Json,
  };
};

const reasonOf = (finish: Answer['finish']): string => (finish === 'length' ? 'MAX_TOKENS' : 'STOP');

const usageOf = ({ usage }: Answer): JsonObject =>
  usage === undefined
    ? {}
    : {
        usageMetadata: {
          promptTokenCount: usage.input,
          candidatesTokenCount: usage.output,
          totalTokenCount: usage.input + usage.output,
        },
      };

/** Of the calls of one turn the first is signed. */
const callParts = ({ calls = [], signature }: Answer): readonly JsonObject[] =>
  calls.map(({ id, name, arguments: args }, index) => ({
    functionCall: { id, name, args },
    ...(index > 0 || signature === undefined ? {} : { thoughtSignature: signature }),
  }));

const chunk = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => {
  const { finishReason, ...rest } = more;
  return {
    candidates: [
      {
        content: { role: 'model', parts },
        ...(finishReason === undefined ? {} : { finishReason }),
        index: 0,
      },
    ],
    ...rest,
    modelVersion: 'm',
    responseId: 'r1',
  };
};

/** Google tells of an error behind the events, as a JSON object of its own that is no event. */
const tailOf = (bytes: string): readonly WireAnswer[] => {
  const tail = bytes
    .split('\n')
    .filter((line) => !/^(data:|:)/.test(line))
    .join('\n')
    .trim();
  return tail === '' ? [] : [JSON.parse(tail)];
};

/** Google ends its lines with both characters. */
const event = (data: JsonObject): string => `data: ${JSON.stringify(data)}\r\n\r\n`;

/** A result that is an object stands there itself. */
const resultText = (response: JsonObject): string => {
  const value = response.result ?? response.output ?? response.error ?? response;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const readTurns = (contents: readonly Content[]): readonly Turn[] => {
  const calls: { id: string; name: string; waiting: boolean }[] = [];
  return contents.flatMap(({ role, parts = [] }): Turn[] => {
    const results = parts.flatMap(({ functionResponse: result }): Turn[] =>
      result === undefined
        ? []
        : [{ role: 'tool', text: resultText(result.response), answers: answeredCall(calls, result) }],
    );
    const made = parts.flatMap(({ functionCall: call }): Call[] =>
      call === undefined ? [] : [{ id: call.id ?? '', name: call.name, arguments: call.args ?? {} }],
    );
    for (const { id, name } of made) calls.push({ id, name, waiting: true });
    const pictures = parts.flatMap(({ inlineData: image }) =>
      image === undefined ? [] : [{ mediaType: image.mimeType, data: image.data }],
    );
    const text = parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
    if (text === '' && made.length === 0 && pictures.length === 0) return results;
    const signatures = parts.flatMap(({ thoughtSignature: signature }) => signature ?? []);
    const said: Turn = {
      role: role === 'model' ? 'assistant' : 'user',
      text,
      ...(pictures.length === 0 ? {} : { pictures }),
      ...(made.length === 0 ? {} : { calls: made }),
      ...(signatures.length === 0 ? {} : { signatures }),
    };
    return [...results, said];
  });
};

const model = 'gemini-3-pro';

export const gemini: Dialect = {
  id: 'gemini',

  front: {
    write: (ask, model) => ({
      path: `/v1beta/models/${model}:${ask.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: {
        contents: contentsOf(ask),
        ...(ask.system === undefined ? {} : { systemInstruction: { parts: [{ text: ask.system }] } }),
        ...(ask.tools === undefined
          ? {}
          : {
              tools: [
                {
                  functionDeclarations: ask.tools.map(({ name, description, parameters }) => ({
                    name,
                    description,
                    parametersJsonSchema: parameters,
                  })),
                },
              ],
            }),
        generationConfig: {
          ...(ask.maxTokens === undefined ? {} : { maxOutputTokens: ask.maxTokens }),
          ...(ask.stop === undefined ? {} : { stopSequences: ask.stop }),
          ...(ask.schema === undefined
            ? {}
            : { responseMimeType: 'application/json', responseJsonSchema: ask.schema }),
          ...(ask.thinks === undefined
            ? {}
            : { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } }),
        },
      },
    }),
    hear: (bytes, stream) =>
      heard(stream ? [...(eventsIn(bytes) as readonly WireAnswer[]), ...tailOf(bytes)] : [JSON.parse(bytes)]),
  },

  wire: {
    backend: { kind: 'gemini', apiKey: 'AIza-square' },
    model,
    page: (path) =>
      path.startsWith('/v1beta/models')
        ? {
            models: [
              {
                name: `models/${model}`,
                displayName: model,
                inputTokenLimit: 1_000_000,
                supportedGenerationMethods: ['generateContent'],
                thinking: true,
              },
            ],
          }
        : undefined,
    read: (path, body) => {
      const asked = body as unknown as WireRequest;
      const { generationConfig: config } = asked;
      const tools = asked.tools?.flatMap((tool) => tool.functionDeclarations ?? []);
      return {
        stream: path.includes(':streamGenerateContent'),
        turns: readTurns(asked.contents),
        ...(asked.systemInstruction === undefined
          ? {}
          : { system: (asked.systemInstruction.parts ?? []).map(({ text }) => text ?? '').join('') }),
        ...(tools === undefined
          ? {}
          : {
              tools: tools.map(({ name, description, parametersJsonSchema: full, parameters }) => ({
                name,
                description,
                parameters: full ?? parameters ?? {},
              })),
            }),
        ...(config?.responseJsonSchema === undefined ? {} : { schema: config.responseJsonSchema }),
        ...(config?.thinkingConfig === undefined
          ? {}
          : { thinks: config.thinkingConfig.includeThoughts === true }),
        ...(config?.stopSequences === undefined ? {} : { stop: config.stopSequences }),
        ...(config?.maxOutputTokens === undefined ? {} : { maxTokens: config.maxOutputTokens }),
      };
    },
    signed: ({ calls, signature }) => (calls === undefined || signature === undefined ? [] : [signature]),
    whole: (answer) =>
      chunk(
        [
          ...(answer.reasoning === undefined ? [] : [{ text: answer.reasoning, thought: true }]),
          ...(answer.text === '' ? [] : [{ text: answer.text }]),
          ...callParts(answer),
        ],
        { finishReason: reasonOf(answer.finish), ...usageOf(answer) },
      ),
    parts: (answer) => [
      ...inPieces(answer.reasoning ?? '').map((text) => event(chunk([{ text, thought: true }]))),
      ...inPieces(answer.text).map((text) => event(chunk([{ text }]))),
      ...callParts(answer).map((part) => event(chunk([part]))),
      event(chunk([{ text: '' }], { finishReason: reasonOf(answer.finish), ...usageOf(answer) })),
    ],
    error: (message) => event({ error: { code: 500, message, status: 'INTERNAL' } }),
  },
};
