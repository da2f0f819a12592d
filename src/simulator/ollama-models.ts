/** Names, listings and descriptions of models as Ollama gives them. */

import type { JsonObject } from '../spec/json.ts';
import { type SimulatedModel, simulatedModel } from './catalogue.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import { expiryWallMs } from './runner.ts';

/** `registry.ollama.ai/library/Llama3.2` is `llama3.2:latest`. */
export const ollamaName = (name: string): string => {
  const short = name
    .replace(/^registry\.ollama\.ai\//, '')
    .replace(/^library\//, '')
    .toLowerCase();
  return /:[^/]*$/.test(short) ? short : `${short}:latest`;
};

/** The models of a host under their full short names; a name whose size cannot be read is a mistake of the caller. */
export const listModels = (
  models: readonly string[],
  nameOf: (name: string) => string,
): ReadonlyMap<string, ListedModel> => {
  const listed = new Map<string, ListedModel>();
  for (const text of models) {
    const model = simulatedModel(text);
    if (model === undefined) throw new RangeError(`not a model: ${text}`);
    const name = nameOf(model.name);
    listed.set(name, { name, model });
  }
  return listed;
};

/** RFC 3339 with nanoseconds, which a JavaScript date does not have. */
export const stampOf = (wallMs: number): string => {
  const text = new Date(Math.floor(wallMs)).toISOString();
  const fraction = Math.floor((wallMs % 1) * 1e6);
  return `${text.slice(0, -1)}${String(fraction).padStart(6, '0')}Z`;
};

const detailsOf = (model: SimulatedModel): JsonObject => ({
  parent_model: '',
  format: 'gguf',
  family: model.family,
  families: [model.family],
  parameter_size: model.parameterSize,
  quantization_level: model.quantization,
});

/** When every simulated model was pulled. */
const modifiedAt = '2026-01-01T12:00:00.123456789-07:00';

/** `GET /api/tags`; what a model can do is listed only by the newer generation. */
export const tagsOf = (core: HostCore, models: Iterable<ListedModel>): JsonObject => ({
  models: [...models].map(({ name, model }) => ({
    name,
    model: name,
    modified_at: modifiedAt,
    size: model.sizeBytes,
    digest: model.digest,
    details:
      core.settings.engine === 'old'
        ? detailsOf(model)
        : {
            ...detailsOf(model),
            context_length: model.contextTokens,
            embedding_length: model.embeddingLength,
          },
    ...(core.settings.engine === 'old' ? {} : { capabilities: model.capabilities }),
    simulated: true,
  })),
});

/** `GET /api/ps`: loaded models only, the longest stay first; a model that is loading is not there. */
export const loadedOf = (core: HostCore): JsonObject => {
  const { clock, engine } = core;
  const runners = engine.scheduler.loaded().map((runner) => ({
    runner,
    expiresMs: expiryWallMs(runner, clock),
  }));
  runners.sort((first, second) => second.expiresMs - first.expiresMs);
  return {
    models: runners.map(({ runner, expiresMs }) => ({
      name: runner.spec.name,
      model: runner.spec.name,
      size: runner.placement.sizeBytes,
      digest: runner.spec.model.digest,
      details: detailsOf(runner.spec.model),
      expires_at: stampOf(expiresMs),
      size_vram: runner.placement.vramBytes,
      context_length: runner.spec.contextTokens,
      simulated: true,
    })),
  };
};

/** `POST /api/show`. */
export const describeModel = ({ name, model }: ListedModel): JsonObject => ({
  modelfile: `# Modelfile of ${name}\nFROM ${name}\n`,
  parameters: `${'stop'.padEnd(30)} "<|end|>"`,
  template: '{{ .Prompt }}',
  details: detailsOf(model),
  model_info: {
    'general.architecture': model.family,
    'general.parameter_count': model.parameters,
    'general.file_type': 15,
    [`${model.family}.context_length`]: model.contextTokens,
    [`${model.family}.embedding_length`]: model.embeddingLength,
    [`${model.family}.block_count`]: model.layers,
    [`${model.family}.attention.head_count`]: 32,
    [`${model.family}.attention.head_count_kv`]: 8,
  },
  capabilities: model.capabilities,
  modified_at: modifiedAt,
  simulated: true,
});
