/** Models brought into memory or put out of it because somebody said so, each place told what became of it. Shell. */

import { upstreamMessage } from '../backends/upstream-message.ts';
import { unknownName } from '../core/chosen-name.ts';
import { pairReleased } from '../core/health.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import type { Discovery } from './discovery.ts';
import { failureOfError, failureOfText } from './failure.ts';
import { safeText } from './final-error.ts';
import type { Fleet, Placement } from './fleet.ts';
import type { Loads } from './loads.ts';
import { healthOf, residencyOf } from './pair.ts';
import { learnFailedLoad } from './ran-out.ts';
import { unknownModel } from './refusals.ts';
import { plainLoadCall, unloadCall } from './residency-call.ts';
import { vramWithout } from './vram.ts';

/** What became of a model on one backend. */
export interface ResidencyReport {
  readonly backend: BackendId;
  readonly state: 'loaded' | 'unloaded' | 'failed';
  /** Why it failed, in words without an address. */
  readonly reason?: string | undefined;
  readonly tookMs: Millis;
}

export interface Residency {
  /** Loads it, whatever has to make way; goes on when whoever asked leaves. */
  load(placement: Placement): Promise<ResidencyReport>;
  unload(placement: Placement): Promise<ResidencyReport>;
  /** The model on that backend; throws where there is no such model or backend. */
  placeOf(model: string, backend: BackendId): Placement;
  /** Where the model is in memory; throws where no backend that is up has it. */
  holders(model: string): readonly Placement[];
}

interface ResidencyDeps {
  readonly fleet: Fleet;
  readonly loads: Loads;
  readonly discovery: Discovery;
  readonly ports: Ports;
}

/** Unloading is answered at once, whatever it takes. */
const unloadTimeoutMs = 5_000;

const ownChoice = 'this engine decides by itself what it holds';

/** Hosts that hold it; all that are up where none says so, since some engines do not tell. */
const holding = (placements: readonly Placement[]): readonly Placement[] => {
  const up = placements.filter(({ host }) => host.health.state === 'up');
  const known = up.filter(({ host, upstream }) => host.cards.get(upstream)?.loaded !== undefined);
  return known.length > 0 ? known : up;
};

export const createResidency = ({ fleet, loads, discovery, ports }: ResidencyDeps): Residency => {
  const { clock } = ports;

  const report = (
    { host }: Placement,
    state: ResidencyReport['state'],
    since: Millis,
    reason?: string,
  ): ResidencyReport => ({
    backend: host.backend.options.id,
    state,
    ...(reason === undefined ? {} : { reason }),
    tookMs: Math.round(clock.now() - since),
  });

  /** Why it could not be done, or undefined when it was. */
  const post = async (placement: Placement): Promise<string | undefined> => {
    const call = unloadCall(placement);
    if (call === undefined) return ownChoice;
    const controller = new AbortController();
    const cancel = clock.after(unloadTimeoutMs, () => controller.abort());
    try {
      const { url, headers } = call;
      const body = encodeUtf8(JSON.stringify(call.body));
      const reply = await ports.fetch(url, { method: 'POST', headers, body, signal: controller.signal });
      const bytes = new Uint8Array(await reply.arrayBuffer());
      if (reply.status >= 200 && reply.status < 300) return undefined;
      return safeText(failureOfText('status', upstreamMessage(bytes), reply.status));
    } catch (error) {
      return controller.signal.aborted
        ? 'no answer in time'
        : safeText(failureOfError(error, 'before-headers'));
    } finally {
      cancel();
    }
  };

  return {
    load: async (placement) => {
      const { host, pair } = placement;
      const since = clock.now();
      const call = plainLoadCall(placement);
      if (call === undefined) {
        const isHot = residencyOf(pair, host, since).state === 'hot';
        return isHot ? report(placement, 'loaded', since) : report(placement, 'failed', since, ownChoice);
      }
      // Said by hand, so what happened before is no reason not to try.
      pair.health = pairReleased(healthOf(pair));
      const result = await loads.want({ host, pair, call, manner: 'now' }).done;
      if (result.end === 'failed') {
        learnFailedLoad(host, pair, result.failure, clock.now());
        return report(placement, 'failed', since, safeText(result.failure));
      }
      const loaded = report(placement, 'loaded', since);
      await discovery.look(host);
      return loaded;
    },
    unload: async (placement) => {
      const { host, pair, upstream } = placement;
      const since = clock.now();
      const reason = await post(placement);
      if (reason !== undefined) return report(placement, 'failed', since, reason);
      pair.heardAt = -Infinity;
      host.vram = vramWithout(host.vram, upstream);
      const unloaded = report(placement, 'unloaded', since);
      await discovery.look(host);
      return unloaded;
    },
    placeOf: (model, backend) => {
      const placements = fleet.placements(model);
      if (placements.length === 0) throw unknownModel({ model }, fleet);
      const ids = fleet.hosts().map(({ backend: { options } }) => options.id);
      if (!ids.includes(backend))
        throw new GatewayError('invalid_request', unknownName('backend', backend, ids), { param: 'backend' });
      const found = placements.find(({ host }) => host.backend.options.id === backend);
      if (found !== undefined) return found;
      throw new GatewayError('model_not_found', `backend '${backend}' has no model '${model}'`, {
        param: 'model',
      });
    },
    holders: (model) => {
      const placements = fleet.placements(model);
      if (placements.length === 0) throw unknownModel({ model }, fleet);
      const found = holding(placements);
      if (found.length > 0) return found;
      throw new GatewayError('overloaded', `no backend that has '${model}' is up`, { retryAfterMs: 5_000 });
    },
  };
};
