/** Where a model goes: pure arithmetic over bytes, without a clock. */

import { mib } from './byte-size.ts';
import type { SimulatedModel } from './catalogue.ts';
import type { Placement } from './rates.ts';

/** What has to be loaded: a model with the options that are fixed while it is in memory. */
export interface RunnerSpec {
  /** One runner per key; a second request for it with another `loadOptions` replaces it. */
  readonly key: string;
  /** The name shown in listings. */
  readonly name: string;
  readonly model: SimulatedModel;
  readonly contextTokens: number;
  /** Requests at once; each has a context of its own. */
  readonly parallel: number;
  /** Layers that must be on the GPU; absent: as many as fit. */
  readonly gpuLayers?: number;
  /** Everything that is fixed at load time, as one comparable text. */
  readonly loadOptions: string;
}

/** What a machine has room for. */
export interface MachineMemory {
  readonly vramBytes: number;
  readonly ramBytes: number;
  /** `partial`: what does not fit beside the GPU runs on the processor; `none`: it is an error. */
  readonly offload: 'partial' | 'none';
}

/** Compute buffers and the runtime of the GPU library. */
const overheadBytes = 256 * mib;

/** Weights, the context of every slot, and buffers. */
export const neededBytes = (spec: RunnerSpec): number =>
  spec.model.sizeBytes + spec.model.contextBytesPerToken * spec.contextTokens * spec.parallel + overheadBytes;

/** What becomes of a model that is asked for. */
export type Decision =
  | { readonly type: 'load'; readonly placement: Placement }
  | { readonly type: 'evict' }
  | { readonly type: 'out-of-memory'; readonly neededBytes: number; readonly availableBytes: number };

const usedOf = (loaded: readonly Placement[]): { vramBytes: number; ramBytes: number } => {
  let vramBytes = 0;
  let ramBytes = 0;
  for (const placement of loaded) {
    vramBytes += placement.vramBytes;
    ramBytes += placement.sizeBytes - placement.vramBytes;
  }
  return { vramBytes, ramBytes };
};

/**
 * Whole on the GPU if it fits beside the others; else others must go first;
 * only alone on the machine is a model split between GPU and main memory.
 */
export const decidePlacement = (
  spec: RunnerSpec,
  memory: MachineMemory,
  loaded: readonly Placement[],
): Decision => {
  const sizeBytes = neededBytes(spec);
  const used = usedOf(loaded);
  const freeVram = memory.vramBytes - used.vramBytes;
  const freeRam = memory.ramBytes - used.ramBytes;
  const onProcessor = memory.vramBytes === 0 || spec.gpuLayers === 0;
  if (onProcessor && sizeBytes <= freeRam) return { type: 'load', placement: { sizeBytes, vramBytes: 0 } };
  if (!onProcessor && sizeBytes <= freeVram) {
    return { type: 'load', placement: { sizeBytes, vramBytes: sizeBytes } };
  }
  if (loaded.length > 0) return { type: 'evict' };
  const wholeOnly = memory.offload === 'none' || spec.gpuLayers !== undefined;
  if (!onProcessor && !wholeOnly && sizeBytes - memory.vramBytes <= memory.ramBytes) {
    return { type: 'load', placement: { sizeBytes, vramBytes: memory.vramBytes } };
  }
  const availableBytes = onProcessor ? memory.ramBytes : memory.vramBytes + (wholeOnly ? 0 : memory.ramBytes);
  return { type: 'out-of-memory', neededBytes: sizeBytes, availableBytes };
};
