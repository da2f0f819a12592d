/** GPU memory of this machine, from whichever tool tells it; without any there is nothing to tell. */

import type { GpuMemory } from '../gateway/vram.ts';
import type { Runtime } from './runtime.ts';

type Reading = (runtime: Runtime) => Promise<GpuMemory | undefined>;

const mebibyte = 1024 * 1024;
const toolTimeoutMs = 2_000;
const mostCards = 8;

const summed = (cards: readonly GpuMemory[]): GpuMemory | undefined =>
  cards.length === 0
    ? undefined
    : {
        totalBytes: cards.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
        freeBytes: cards.reduce((sum, { freeBytes }) => sum + freeBytes, 0),
      };

/** Lines such as `24576, 20012`, in MiB, one for each card. */
const fromNvidia: Reading = async (runtime) => {
  const query = ['--query-gpu=memory.total,memory.free', '--format=csv,noheader,nounits'];
  const text = await runtime.run('nvidia-smi', query, toolTimeoutMs);
  const lines = (text ?? '').split('\n').flatMap((line) => /^\s*(\d+),\s*(\d+)\s*$/.exec(line) ?? []);
  const cards: GpuMemory[] = [];
  for (let index = 0; index + 2 < lines.length; index += 3) {
    const [total, free] = [Number(lines[index + 1]), Number(lines[index + 2])];
    cards.push({ totalBytes: total * mebibyte, freeBytes: free * mebibyte });
  }
  return summed(cards);
};

/** Lines such as `card0,25753026560,1048576`: total and used bytes of each card. */
const fromRocm: Reading = async (runtime) => {
  const text = await runtime.run('rocm-smi', ['--showmeminfo', 'vram', '--csv'], toolTimeoutMs);
  const cards = (text ?? '').split('\n').flatMap((line): readonly GpuMemory[] => {
    const [, total, used] = /^card\d+,(\d+),(\d+)\s*$/.exec(line) ?? [];
    if (total === undefined || used === undefined) return [];
    return [{ totalBytes: Number(total), freeBytes: Math.max(0, Number(total) - Number(used)) }];
  });
  return summed(cards);
};

const numberIn = async (path: string, runtime: Runtime): Promise<number | undefined> => {
  try {
    const text = await runtime.readTextFile(path);
    return /^\d+\s*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};

/** What the kernel's driver for AMD says of each card. */
const fromKernel: Reading = async (runtime) => {
  const cards: GpuMemory[] = [];
  for (let card = 0; card < mostCards; card += 1) {
    const folder = `/sys/class/drm/card${card}/device`;
    const totalBytes = await numberIn(`${folder}/mem_info_vram_total`, runtime);
    const usedBytes = await numberIn(`${folder}/mem_info_vram_used`, runtime);
    if (totalBytes === undefined || usedBytes === undefined || totalBytes === 0) continue;
    cards.push({ totalBytes, freeBytes: Math.max(0, totalBytes - usedBytes) });
  }
  return summed(cards);
};

/** In the order of their cost. */
const readings: readonly Reading[] = [fromKernel, fromNvidia, fromRocm];

/** The first way that works here, with what it says now; undefined where none does. */
export const findGpuReading = async (
  runtime: Runtime,
): Promise<(() => Promise<GpuMemory | undefined>) | undefined> => {
  for (const read of readings) if ((await read(runtime)) !== undefined) return () => read(runtime);
  return undefined;
};
