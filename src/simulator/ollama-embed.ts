/** Ollama's two embedding paths: the batch that normalises, and the older single one that does not. */

import { asArray, asNumber, asString, type JsonObject } from '../spec/json.ts';
import { embedText } from './embeddings.ts';
import type { Exchange } from './exchange.ts';
import { type Generation, generate } from './generation.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import { parseKeepAlive } from './keep-alive.ts';
import { ollamaName } from './ollama-models.ts';
import { readOllamaOptions } from './ollama-options.ts';
import { type Read, refuse } from './ollama-read.ts';
import { ollamaSpec } from './ollama-request.ts';
import { engineTextsOf, ollamaError } from './ollama-surface.ts';
import { countTokens } from './tokens.ts';

const wholeType = 'application/json; charset=utf-8';

const readEmbedding = (
  core: HostCore,
  models: ReadonlyMap<string, ListedModel>,
  body: JsonObject,
  texts: readonly string[],
): Read<Generation> => {
  const name = asString(body.model) ?? '';
  if (name === '') return refuse(404, "model '' not found");
  const listed = models.get(ollamaName(name));
  if (listed === undefined)
    return refuse(404, `model ${JSON.stringify(name)} not found, try pulling it first`);
  const keepAlive = parseKeepAlive(body.keep_alive);
  if (keepAlive !== undefined && 'problem' in keepAlive) return refuse(400, keepAlive.problem);
  const options = readOllamaOptions(body.options);
  if ('problem' in options) return refuse(500, options.problem);
  const unsupported = engineTextsOf(core.settings.engine).embeddingsUnsupported;
  if (unsupported !== undefined && !listed.model.capabilities.includes('embedding')) {
    return refuse(unsupported.status, unsupported.text);
  }
  const spec = ollamaSpec(core, listed, options, true);
  let promptTokens = 0;
  for (const text of texts) {
    const tokens = countTokens(text);
    if (tokens > spec.contextTokens && body.truncate === false) {
      return refuse(400, 'the input length exceeds the context length');
    }
    promptTokens += Math.min(tokens, spec.contextTokens);
  }
  const answer = { pieces: [], calls: [], reason: 'stop' as const };
  return { ask: { spec, keepAliveMs: keepAlive?.durationMs, prompt: '', promptTokens, opening: '', answer } };
};

const textsOf = (input: JsonObject['input']): readonly string[] | undefined => {
  if (input === undefined || input === null || input === '') return [];
  if (typeof input === 'string') return [input];
  const list = asArray(input);
  return list?.every((item): item is string => typeof item === 'string') === true ? list : undefined;
};

/** `POST /api/embed`: unit vectors in the order of the inputs. */
export const answerEmbed = (
  core: HostCore,
  models: ReadonlyMap<string, ListedModel>,
  exchange: Exchange,
): void => {
  const { body, reply } = exchange;
  const texts = textsOf(body.input);
  if (texts === undefined) {
    exchange.refuse(ollamaError(400, 'invalid input type'));
    return;
  }
  const read = readEmbedding(core, models, body, texts);
  if ('refusal' in read) {
    exchange.refuse(read.refusal);
    return;
  }
  const { model } = read.ask.spec;
  const dimensions = Math.min(asNumber(body.dimensions) ?? Infinity, model.embeddingLength);
  generate(core, exchange, read.ask, {
    piece: () => undefined,
    done(report) {
      const answer = {
        model: body.model,
        embeddings: texts.map((text) => embedText(text, model.digest, dimensions, 'unit')),
        total_duration: Math.max(1, Math.round(report.totalMs * 1e6)),
        load_duration: Math.max(1, Math.round(report.loadMs * 1e6)),
        ...(report.promptTokens > 0 ? { prompt_eval_count: report.promptTokens } : {}),
      };
      reply.whole(
        200,
        wholeType,
        JSON.stringify(texts.length === 0 ? { model: body.model, embeddings: [] } : answer),
      );
    },
  });
};

/** `POST /api/embeddings`: one raw vector and nothing else. */
export const answerEmbeddings = (
  core: HostCore,
  models: ReadonlyMap<string, ListedModel>,
  exchange: Exchange,
): void => {
  const { body, reply } = exchange;
  const prompt = asString(body.prompt) ?? '';
  const read = readEmbedding(core, models, body, [prompt]);
  if ('refusal' in read) {
    exchange.refuse(read.refusal);
    return;
  }
  const { model } = read.ask.spec;
  generate(core, exchange, read.ask, {
    piece: () => undefined,
    done() {
      const embedding = prompt === '' ? [] : embedText(prompt, model.digest, model.embeddingLength, 'raw');
      reply.whole(200, wholeType, JSON.stringify({ embedding }));
    },
  });
};
