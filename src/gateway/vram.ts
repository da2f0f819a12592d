/** How much GPU memory a host has, as far as its listings let it be known: no engine says so itself. */

import type { ModelCard } from '../spec/model-card.ts';

/** What was seen of a host's memory. */
export interface Vram {
  /** What the models in memory take of it. */
  readonly usedBytes: number;
  /** The most that was ever in use: it holds at least this. */
  readonly mostBytes: number;
  /** Whether it was seen to be full, so that there is no more than what was in use. */
  readonly wasFull: boolean;
  /** The models that were in it. */
  readonly loaded: ReadonlySet<string>;
}

/** What a tool beside the host tells of its GPU memory. */
export interface GpuMemory {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Nothing was seen. */
export const unseenVram: Vram = { usedBytes: 0, mostBytes: 0, wasFull: false, loaded: new Set() };

/** A model that did not fit whole beside the others lies partly outside. */
const isSplit = ({ loaded }: ModelCard): boolean => {
  const { sizeBytes, sizeVramBytes } = loaded ?? {};
  return (
    sizeBytes !== undefined && sizeVramBytes !== undefined && sizeVramBytes > 0 && sizeVramBytes < sizeBytes
  );
};

/** After a look: a model that made way for another, or lies partly outside, shows that the memory is full. */
export const vramAfter = (before: Vram, cards: Iterable<ModelCard>): Vram => {
  const names = new Set<string>();
  let usedBytes = 0;
  let came = false;
  let split = false;
  for (const card of cards) {
    if (card.loaded === undefined) continue;
    names.add(card.name);
    usedBytes += card.loaded.sizeVramBytes ?? 0;
    came ||= !before.loaded.has(card.name);
    split ||= isSplit(card);
  }
  const left = [...before.loaded].some((name) => !names.has(name));
  return {
    usedBytes,
    mostBytes: Math.max(before.mostBytes, usedBytes),
    wasFull: before.wasFull || split || (left && came && usedBytes > 0),
    loaded: names,
  };
};

/** What is left for a load; where no tool tells it, undefined until the memory was seen to be full once. */
export const freeVramBytes = (
  { usedBytes, mostBytes, wasFull }: Vram,
  told?: GpuMemory,
): number | undefined => told?.freeBytes ?? (wasFull ? mostBytes - usedBytes : undefined);

/** A model was put out by hand: that it is gone says nothing of the room. */
export const vramWithout = (vram: Vram, model: string): Vram => ({
  ...vram,
  loaded: new Set([...vram.loaded].filter((name) => name !== model)),
});
