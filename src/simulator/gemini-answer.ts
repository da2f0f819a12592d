/** Gemini's answers: chunks as events or as entries of an array, or one object. */

import { asArray, type Json, type JsonObject } from '../spec/json.ts';
import type { RunReport } from './engine-run.ts';
import type { Exchange } from './exchange.ts';
import { demandsSignatures } from './gemini-models.ts';
import type { GeminiAsk } from './gemini-request.ts';
import { signatureOf } from './gemini-signature.ts';
import { type AnswerWriter, generate, textOf } from './generation.ts';
import type { HostCore } from './host-core.ts';
import { logprobOf } from './logprobs.ts';
import type { Call, Piece } from './piece.ts';

/** How a caller wants it. */
export type GeminiForm = 'events' | 'array' | 'whole';

const wholeType = 'application/json; charset=UTF-8';

interface Counts {
  readonly thoughts: number;
  readonly spoken: number;
}

const usageOf = (ask: GeminiAsk, { thoughts, spoken }: Counts, cachedTokens: number): JsonObject => {
  const { promptTokens } = ask.generation;
  return {
    promptTokenCount: promptTokens,
    ...(spoken === 0 ? {} : { candidatesTokenCount: spoken }),
    totalTokenCount: promptTokens + spoken + thoughts,
    ...(cachedTokens === 0 ? {} : { cachedContentTokenCount: cachedTokens }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
  };
};

/** The newest generation names its calls; those before it leave that to whoever answers. */
const callPart = (ask: GeminiAsk, call: Call, signature: string | undefined): JsonObject => ({
  functionCall: {
    ...(demandsSignatures(ask.listed.name) ? { id: call.id } : {}),
    name: call.name,
    args: call.value,
  },
  ...(signature === undefined ? {} : { thoughtSignature: signature }),
});

/** Of calls side by side only the first is signed; a text is signed at its end. */
const signatureFor = (ask: GeminiAsk): string | undefined =>
  ask.listed.model.capabilities.includes('thinking') ? signatureOf(ask.generation.prompt) : undefined;

const tokenOf = (entry: Json): JsonObject => {
  const { token, logprob } = entry as JsonObject;
  return { token, logProbability: logprob };
};

const logprobsOf = (pieces: readonly Piece[], top: number): JsonObject => {
  const entries = pieces.map((piece) => logprobOf(piece.text, top));
  return {
    ...(top === 0
      ? {}
      : {
          topCandidates: entries.map((entry) => ({
            candidates: (asArray(entry.top_logprobs) ?? []).map(tokenOf),
          })),
        }),
    chosenCandidates: entries.map(tokenOf),
  };
};

const reasonOf = ({ generation }: GeminiAsk): string =>
  generation.answer.reason === 'length' ? 'MAX_TOKENS' : 'STOP';

const identityOf = (core: HostCore, ask: GeminiAsk): JsonObject => ({
  modelVersion: ask.listed.name,
  responseId: core.nextId().toString(36),
});

/** Where chunks go; the last entry of an array is followed by its bracket. */
interface ChunkSink {
  chunk(value: JsonObject, tokens: number): void;
  end(): void;
}

const eventSink = ({ reply }: Exchange): ChunkSink => ({
  chunk: (value, tokens) => {
    if (!reply.opened()) reply.open('text/event-stream');
    reply.write(`data: ${JSON.stringify(value)}\r\n\r\n`, tokens);
  },
  end: () => reply.end(),
});

const arraySink = ({ reply }: Exchange): ChunkSink => ({
  chunk: (value, tokens) => {
    const before = reply.opened() ? ',\r\n' : '[';
    if (!reply.opened()) reply.open(wholeType);
    reply.write(`${before}${JSON.stringify(value, null, 2)}\r\n`, tokens);
  },
  end: () => {
    reply.write(']', 0);
    reply.end();
  },
});

const streamWriter = (core: HostCore, ask: GeminiAsk, sink: ChunkSink): AnswerWriter => {
  const { answer } = ask.generation;
  const identity = identityOf(core, ask);
  const signature = signatureFor(ask);
  const counts = { thoughts: 0, spoken: 0 };
  let writtenCalls = 0;

  const chunk = (parts: readonly JsonObject[], more: JsonObject, tokens: number, cachedTokens = 0): void =>
    sink.chunk(
      {
        candidates: [
          { content: { ...(parts.length === 0 ? {} : { parts }), role: 'model' }, ...more, index: 0 },
        ],
        usageMetadata: usageOf(ask, counts, cachedTokens),
        ...identity,
      },
      tokens,
    );

  /** Calls before `index` are whole when its first token comes. */
  const writeCalls = (index: number): void => {
    for (; writtenCalls < index; writtenCalls += 1) {
      const call = answer.calls[writtenCalls];
      if (call !== undefined) chunk([callPart(ask, call, writtenCalls === 0 ? signature : undefined)], {}, 0);
    }
  };

  return {
    piece(piece) {
      if (piece.kind === 'thinking') {
        counts.thoughts += 1;
        if (ask.showsThoughts) chunk([{ text: piece.text, thought: true }], {}, 1);
        return;
      }
      counts.spoken += 1;
      if (piece.kind === 'call') {
        writeCalls(piece.call ?? 0);
        return;
      }
      const { logprobs } = ask;
      chunk(
        [{ text: piece.text }],
        logprobs === undefined ? {} : { logprobsResult: logprobsOf([piece], logprobs) },
        1,
      );
    },
    done(report) {
      writeCalls(answer.calls.length);
      const closing =
        answer.calls.length === 0 && signature !== undefined && counts.spoken > 0
          ? [{ text: '', thoughtSignature: signature }]
          : [];
      chunk(closing, { finishReason: reasonOf(ask) }, 0, report.cachedTokens);
      sink.end();
    },
  };
};

const wholeParts = (ask: GeminiAsk): readonly JsonObject[] => {
  const { pieces, calls } = ask.generation.answer;
  const signature = signatureFor(ask);
  const thought = ask.showsThoughts ? textOf(pieces, 'thinking') : '';
  const text = textOf(pieces, 'content');
  const isSigned = calls.length === 0 && signature !== undefined;
  return [
    ...(thought === '' ? [] : [{ text: thought, thought: true }]),
    ...(text === '' ? [] : [{ text, ...(isSigned ? { thoughtSignature: signature } : {}) }]),
    ...calls.map((call, index) => callPart(ask, call, index === 0 ? signature : undefined)),
  ];
};

const wholeWriter = (core: HostCore, ask: GeminiAsk, { reply }: Exchange): AnswerWriter => ({
  piece: () => undefined,
  done(report: RunReport) {
    const { pieces } = ask.generation.answer;
    const { logprobs } = ask;
    const parts = wholeParts(ask);
    const thoughts = pieces.filter((piece) => piece.kind === 'thinking').length;
    const said = pieces.filter((piece) => piece.kind === 'content');
    const object = {
      candidates: [
        {
          content: { ...(parts.length === 0 ? {} : { parts }), role: 'model' },
          finishReason: reasonOf(ask),
          index: 0,
          ...(logprobs === undefined ? {} : { logprobsResult: logprobsOf(said, logprobs) }),
        },
      ],
      usageMetadata: usageOf(ask, { thoughts, spoken: pieces.length - thoughts }, report.cachedTokens),
      ...identityOf(core, ask),
    };
    reply.whole(200, wholeType, JSON.stringify(object, null, 2));
  },
});

/** A blocked prompt has no candidates. */
const blockedAnswer = (core: HostCore, ask: GeminiAsk): JsonObject => ({
  promptFeedback: { blockReason: 'SAFETY' },
  usageMetadata: usageOf(ask, { thoughts: 0, spoken: 0 }, 0),
  ...identityOf(core, ask),
});

/** Runs a request and writes its answer as it was asked for. */
export const answerGemini = (core: HostCore, exchange: Exchange, ask: GeminiAsk, form: GeminiForm): void => {
  const sink = form === 'events' ? eventSink(exchange) : arraySink(exchange);
  if (ask.blocked) {
    const answer = blockedAnswer(core, ask);
    if (form === 'whole') exchange.reply.whole(200, wholeType, JSON.stringify(answer, null, 2));
    else {
      sink.chunk(answer, 0);
      sink.end();
    }
    return;
  }
  const writer = form === 'whole' ? wholeWriter(core, ask, exchange) : streamWriter(core, ask, sink);
  generate(core, exchange, ask.generation, writer);
};
