/** The version clients gate features on: the lowest of the Ollama hosts that answer. */

import { lowestVersion } from '../core/lowest-version.ts';
import type { Fleet } from './fleet.ts';

/** Undefined where no Ollama stands behind. */
export const lowestBackendVersion = (fleet: Fleet): string | undefined =>
  lowestVersion(
    fleet.hosts().flatMap(({ backend, health, version }) => {
      const speaksOllama = backend.speaks.some(({ protocol }) => protocol === 'ollama');
      return speaksOllama && health.state === 'up' && version !== undefined ? [version] : [];
    }),
  );
