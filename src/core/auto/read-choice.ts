/** Reads what a recorded decision says of an open model and of constraints. Pure; imports spec. */

import { type Analysis, domainNames, type Judged, type Modality, taskTypes } from '../../spec/analysis.ts';
import type { AutoAsk, ChoiceWeights, Constraints } from '../../spec/choice.ts';
import { engineCapabilityNames } from '../../spec/vocabulary.ts';
import { anyBoolean, anyText, listOf, objectOf, oneOf, optional, type Reader } from '../json-reader.ts';
import { maxEntries, notNegative } from '../read-candidate.ts';

const texts = listOf(anyText, maxEntries);
const capabilities = listOf(oneOf(...engineCapabilityNames), maxEntries);

const judged = <Value>(value: Reader<Value>): Reader<Judged<Value>> =>
  objectOf<Judged<Value>>({ value, confidence: notNegative });

const modality = oneOf<Modality>('text', 'image', 'audio', 'vector');

const analysis = objectOf<Analysis>({
  task: judged(oneOf(...taskTypes)),
  complexity: judged(notNegative),
  language: judged(anyText),
  input: judged(listOf(modality, maxEntries)),
  output: judged(modality),
  structured: judged(oneOf('none', 'json', 'schema')),
  tools: judged(anyBoolean),
  inputTokens: judged(notNegative),
  outputTokens: judged(notNegative),
  domain: judged(oneOf(...domainNames)),
  needs: capabilities,
});

/** What was asked of the group. */
export const readAutoAsk = objectOf<AutoAsk>({
  group: anyText,
  analysis,
  tiers: texts,
  wanted: notNegative,
  because: anyText,
  weights: objectOf<ChoiceWeights>({
    performance: notNegative,
    cost: notNegative,
    reliability: notNegative,
    capabilities: notNegative,
  }),
});

/** What the request and its key asked of the model. */
export const readConstraintsAsked = objectOf<Constraints>({
  maxLatencyMs: optional(notNegative),
  maxCostPerRequest: optional(notNegative),
  minReliability: optional(notNegative),
  preferredBackend: optional(anyText),
  requiredCapabilities: optional(capabilities),
  excludedModels: optional(texts),
  zone: optional(oneOf('local', 'cloud')),
});
