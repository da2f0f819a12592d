/** The ways a simulated host can fail on demand, and which of them strikes next. */

/** Every fault, in the order in which a connection meets them. */
export const faultNames = [
  'refuse',
  'reset',
  'black-hole',
  'hang-before-headers',
  'hang-between-chunks',
  'error-500',
  'error-503',
  'busy-503',
  'rate-429',
  'garbage',
  'half-line',
  'slow-drip',
  'crash-after',
  'cut-after',
  'error-line-first',
  'empty-stream',
  'oom',
  'model-lost',
] as const;

/** One of them. */
export type FaultName = (typeof faultNames)[number];

/** One fault with its limits. */
export interface Fault {
  readonly fault: FaultName;
  /** Tokens that still come through before it strikes, where it strikes inside an answer. */
  readonly after?: number;
  /** Requests it strikes; absent: all until it is taken away. */
  readonly count?: number;
  /** Goes away by itself after this long. */
  readonly forMs?: number;
  /** Strikes requests for this model only. */
  readonly model?: string;
}

/** The faults in force on one host. */
export interface FaultBox {
  set(fault: Fault): void;
  /** Takes one away, unless another has taken its place. */
  remove(fault: Fault): void;
  clear(): void;
  readonly list: () => readonly Fault[];
  /** Whether every connection is refused now. */
  readonly refuses: () => boolean;
  /** The fault that strikes this request, counted down; `where` sorts those that need no model from the rest. */
  take(where: 'connection' | 'inference', model?: string): Fault | undefined;
}

/** A model is meant under each of its names. */
const plainName = (name: string): string => name.replace(/^ai\//, '').replace(/:latest$/, '');

/** These strike before a request is read, whatever its path. */
const onConnection: ReadonlySet<FaultName> = new Set(['refuse', 'black-hole']);

/** A host may carry several faults, for several models; the first that matches strikes. */
export const createFaultBox = (faults: readonly Fault[]): FaultBox => {
  let active: { readonly fault: Fault; left: number }[] = [];
  const set = (fault: Fault): void => {
    active = active.filter((other) => other.fault.model !== fault.model);
    active.push({ fault, left: fault.count ?? Infinity });
  };
  for (const fault of faults) set(fault);
  return {
    set,
    remove(fault) {
      active = active.filter((entry) => entry.fault !== fault);
    },
    clear() {
      active = [];
    },
    refuses: () => active.some(({ fault }) => fault.fault === 'refuse'),
    list: () => active.map((entry) => entry.fault),
    take(where, model) {
      if (active.length === 0) return undefined;
      const entry = active.find(
        ({ fault }) =>
          onConnection.has(fault.fault) === (where === 'connection') &&
          (fault.model === undefined || (model !== undefined && plainName(fault.model) === plainName(model))),
      );
      if (entry === undefined) return undefined;
      entry.left--;
      if (entry.left <= 0) active = active.filter((other) => other !== entry);
      return entry.fault;
    },
  };
};
