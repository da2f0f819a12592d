/** What a pair is taken to be before anything was measured of it. Pure data; imports spec. */

import type { Lane, Millis } from '../spec/vocabulary.ts';

/** The neutral speeds of a pair: what learned ones start from and decay to. */
export interface RatePriors {
  readonly prefillTokensPerSecond: number;
  /** Of one request that has the host to itself. */
  readonly decodeTokensPerSecond: number;
  /** By how much each further request at the same time slows a request: rate(n) = rate(1) / (1 + slope · (n − 1)). */
  readonly decodeSlope: number;
  readonly loadMs: Millis;
  readonly outputTokens: number;
}

/** Speeds with a model of 5 GB, about eight billion parameters in four bits. */
interface LaneSpeed {
  readonly prefill: number;
  readonly decode: number;
  readonly slope: number;
}

const referenceBytes = 5e9;

const laneSpeeds: Readonly<Record<Lane, LaneSpeed>> = {
  // Decoding waits for memory, so a GPU has time for a second request while it reads the weights once.
  gpu: { prefill: 1500, decode: 60, slope: 0.15 },
  peer: { prefill: 1000, decode: 40, slope: 0.3 },
  container: { prefill: 200, decode: 15, slope: 0.5 },
  // A CPU is busy with one: two requests have half of it each.
  cpu: { prefill: 60, decode: 7, slope: 0.9 },
  cloud: { prefill: 4000, decode: 60, slope: 0 },
};

/** Weights come from a disk at half a gigabyte a second, after two seconds of starting up. */
const loadBytesPerMs = 0.5e6;
const loadStartMs = 2000;

/** The mean answer of a model that nobody has asked yet. */
const outputTokens = 256;

const usableSize = (sizeBytes: number | undefined): number =>
  sizeBytes !== undefined && sizeBytes >= 1e6 && sizeBytes <= 1e13 ? sizeBytes : referenceBytes;

/** Speed is inversely proportional to the weights that each token must pass; a cloud's size is its own matter. */
export const priorsOf = (lane: Lane, sizeBytes: number | undefined): RatePriors => {
  const size = usableSize(sizeBytes);
  const { prefill, decode, slope } = laneSpeeds[lane];
  // Tiny models are held back by other things than their size.
  const scale = lane === 'cloud' ? 1 : Math.min(10, referenceBytes / size);
  return {
    prefillTokensPerSecond: prefill * scale,
    decodeTokensPerSecond: decode * scale,
    decodeSlope: slope,
    loadMs: lane === 'cloud' ? 1 : loadStartMs + size / loadBytesPerMs,
    outputTokens,
  };
};
