/** Who holds how much of the queue. Changes in place; no clock. Pure otherwise; imports nothing. */

/** Places and bytes of bodies. */
export interface Holding {
  readonly requests: number;
  readonly bodyBytes: number;
}

interface Holder {
  readonly tenant: string;
  readonly bodyBytes: number;
}

export interface QueueHoldings {
  add(request: Holder): void;
  delete(request: Holder): void;
  of(tenant: string): Holding;
  /** The tenant that holds most, if that is more than `limit`. */
  biggest(of: 'requests' | 'bodyBytes', limit: number): string | undefined;
  /** How many tenants hold something. */
  readonly tenants: number;
  /** What all of them hold. */
  readonly total: Holding;
}

const nothing: Holding = { requests: 0, bodyBytes: 0 };

/** Nobody holds anything. */
export const createQueueHoldings = (): QueueHoldings => {
  const held = new Map<string, Holding>();
  let total = nothing;

  const plus = (left: Holding, requests: 1 | -1, bodyBytes: number): Holding => ({
    requests: left.requests + requests,
    bodyBytes: left.bodyBytes + requests * bodyBytes,
  });
  const change = ({ tenant, bodyBytes }: Holder, requests: 1 | -1): void => {
    const own = plus(held.get(tenant) ?? nothing, requests, bodyBytes);
    total = plus(total, requests, bodyBytes);
    if (own.requests === 0) held.delete(tenant);
    else held.set(tenant, own);
  };

  return {
    add: (request) => change(request, 1),
    delete: (request) => change(request, -1),
    of: (tenant) => held.get(tenant) ?? nothing,
    biggest: (of, limit) => {
      let most = limit;
      let biggest: string | undefined;
      for (const [tenant, own] of held) {
        if (own[of] <= most) continue;
        most = own[of];
        biggest = tenant;
      }
      return biggest;
    },
    get tenants() {
      return held.size;
    },
    get total() {
      return total;
    },
  };
};
