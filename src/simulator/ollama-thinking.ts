/** Ollama's `think`: which wishes there are, and who may have them. */

import type { Json } from '../spec/json.ts';
import type { ThinkingEffort } from './answer.ts';
import type { SimulatedModel } from './catalogue.ts';
import type { EngineGeneration } from './host-settings.ts';
import { type Read, refuse } from './ollama-read.ts';

/** The older generation knows no `max`. */
const levels: Readonly<Record<EngineGeneration, readonly string[]>> = {
  old: ['high', 'medium', 'low'],
  new: ['high', 'medium', 'low', 'max'],
};

/** A model that can think does so unless it is told not to; one that cannot refuses any wish but none. */
export const readThinking = (
  think: Json | undefined,
  name: string,
  model: SimulatedModel,
  engine: EngineGeneration,
): Read<ThinkingEffort> => {
  const known = levels[engine];
  const hint = `${known.map((level) => JSON.stringify(level)).join(', ')}, true, or false`;
  if (typeof think === 'string' && !known.includes(think)) {
    return refuse(400, `invalid think value: ${JSON.stringify(think)} (must be ${hint})`);
  }
  if (think !== undefined && typeof think !== 'string' && typeof think !== 'boolean') {
    return refuse(400, `think must be a boolean or string (${hint})`);
  }
  if (!model.capabilities.includes('thinking')) {
    return think === undefined || think === false
      ? { ask: 'none' }
      : refuse(400, `${JSON.stringify(name)} does not support thinking`);
  }
  if (think === false) return { ask: 'none' };
  if (think === 'low' || think === 'high') return { ask: think };
  return { ask: think === 'max' ? 'high' : 'medium' };
};
