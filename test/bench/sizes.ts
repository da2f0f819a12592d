/** How much is measured: the whole benchmark, a quick look, or just enough to see that each row works. */

export interface Sizes {
  /** Interleaved runs per target; the median counts. */
  readonly rounds: number;
  /** Runs before the first that counts, so that the compilers of the runtimes are done. */
  readonly warmRounds: number;
  readonly requestsMs: number;
  readonly oneConnectionMs: number;
  readonly clients: number;
  readonly streamsEach: number;
  readonly events: number;
  readonly gapMs: number;
  readonly quietStreams: number;
  /** Streams opened and left before memory is first looked at, and all in all. */
  readonly abandonedFirst: number;
  readonly abandonedAll: number;
  readonly starts: number;
  /** What a process is given to come to rest before its memory is read. */
  readonly restMs: number;
  readonly imageBytes: number;
  /** Decisions timed in each round. */
  readonly decisions: number;
  /** Requests whose first host refuses, and as many whose first host resets. */
  readonly failovers: number;
  /** Requests whose first host takes no connection; each is a second or more. */
  readonly blackHoles: number;
}

const full: Sizes = {
  rounds: 7,
  warmRounds: 2,
  requestsMs: 2000,
  oneConnectionMs: 1000,
  clients: 64,
  streamsEach: 2,
  events: 200,
  gapMs: 5,
  quietStreams: 1000,
  abandonedFirst: 2000,
  abandonedAll: 10_000,
  starts: 7,
  restMs: 3000,
  imageBytes: 50_000_000,
  decisions: 5000,
  failovers: 200,
  blackHoles: 50,
};

const quick: Sizes = {
  ...full,
  rounds: 3,
  warmRounds: 1,
  requestsMs: 1000,
  oneConnectionMs: 500,
  streamsEach: 1,
  starts: 3,
  restMs: 1000,
  failovers: 100,
  blackHoles: 10,
};

const smoke: Sizes = {
  ...quick,
  rounds: 1,
  requestsMs: 100,
  oneConnectionMs: 50,
  clients: 8,
  events: 20,
  gapMs: 2,
  quietStreams: 20,
  abandonedFirst: 20,
  abandonedAll: 60,
  starts: 1,
  restMs: 100,
  imageBytes: 1_000_000,
  decisions: 100,
  failovers: 5,
  blackHoles: 2,
};

export const sizesByName = { full, quick, smoke } as const;

export type SizesName = keyof typeof sizesByName;
