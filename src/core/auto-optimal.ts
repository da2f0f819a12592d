/** Which policy suits what is reachable and measured now. Pure. */

import type { Millis } from '../spec/vocabulary.ts';
import type { Candidate } from './candidate.ts';

/** The name of the policy to decide by, and the fact that decided. */
export interface Optimal {
  readonly name:
    | 'expected_finish'
    | 'hybrid_docker_preferred'
    | 'hybrid_ollama_preferred'
    | 'docker_only'
    | 'ollama_only';
  readonly because: string;
}

/** The kinds the tier policies are about. */
export const ollamaKind = 'ollama';
export const dockerKind = 'docker-model-runner';

/** What was measured longer ago has mostly decayed to what is assumed of any host. */
const measuredMs: Millis = 3_600_000;

const isMeasured = ({ rates }: Candidate, now: Millis): boolean =>
  rates.samples > 0 && now - rates.updatedAt < measuredMs;

/**
 * Measured speeds are the best guide once half of the hosts have them. Until then the order is the one people
 * would give the engines: the only kind there is, or else the kind that has the model on a GPU.
 */
export const optimalPolicy = (eligible: readonly Candidate[], now: Millis): Optimal => {
  let measured = 0;
  let ollama = 0;
  let docker = 0;
  let ollamaOnGpu = false;
  for (const candidate of eligible) {
    if (isMeasured(candidate, now)) measured += 1;
    if (candidate.kind === dockerKind) docker += 1;
    if (candidate.kind !== ollamaKind) continue;
    ollama += 1;
    ollamaOnGpu ||= candidate.lane === 'gpu';
  }
  const all = eligible.length;
  if (all > 0 && measured * 2 >= all) {
    return { name: 'expected_finish', because: `${measured} of ${all} hosts measured` };
  }
  if (all > 0 && ollama === all) return { name: 'ollama_only', because: 'only ollama in reach' };
  if (all > 0 && docker === all) return { name: 'docker_only', because: `only ${dockerKind} in reach` };
  if (ollama > 0 && docker > 0) {
    return ollamaOnGpu
      ? { name: 'hybrid_ollama_preferred', because: 'both kinds in reach, ollama on a gpu, little measured' }
      : {
          name: 'hybrid_docker_preferred',
          because: 'both kinds in reach, no ollama on a gpu, little measured',
        };
  }
  return { name: 'expected_finish', because: 'little measured' };
};
