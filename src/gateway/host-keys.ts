/** The keys of one host as they live in this process, and what its answers say of them. Shell state around the pure ring. */

import type { Backend } from '../backends/backend.ts';
import type { PairHealth } from '../core/candidate.ts';
import {
  createKeyRing,
  type KeyFault,
  type Keyless,
  type KeyReport,
  type KeyRing,
  keyAccepted,
  keyAnswered,
  keyLimited,
  keyListingRefused,
  keylessFor,
  keyRefused,
  keyReports,
  keyUsed,
  nextKey,
} from '../core/key-ring.ts';
import { type LimitHeaders, spentFor } from '../core/rate-limits.ts';
import type { Clock } from '../spec/ports.ts';
import type { BackendOptions } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import type { Failure } from './failure.ts';

export type { KeyReport };

export interface HostKeys {
  ring: KeyRing;
  /** The backend as each key has it; what they differ in is the header that carries the key. */
  readonly backends: readonly Backend[];
  /** What of their headers differs from the first one's. */
  readonly carriers: readonly Readonly<Record<string, string>>[];
}

/** What the keys of a host are told with. */
export interface KeyDeps {
  readonly clock: Clock;
  readonly report: Report;
}

/** Every key of a backend, in the order of the configuration. */
export const keysOf = ({ apiKey, apiKeys }: BackendOptions): readonly string[] =>
  apiKeys ?? (apiKey === undefined ? [] : [apiKey]);

/** One backend for each key; undefined where there is none to choose. */
export const createHostKeys = (
  options: BackendOptions,
  create: (options: BackendOptions) => Backend,
): HostKeys | undefined => {
  const keys = keysOf(options);
  if (keys.length === 0) return undefined;
  const backends = keys.map((apiKey) => create({ ...options, apiKey }));
  const first = backends[0]?.headers ?? {};
  const carriers = backends.map(({ headers }) =>
    Object.fromEntries(Object.entries(headers).filter(([name, value]) => value !== first[name])),
  );
  return { ring: createKeyRing(keys.length), backends, carriers };
};

/** Why no key may be used for a model; undefined where one may, or none is needed. */
export const keylessAt = (keys: HostKeys | undefined, upstream: string, now: Millis): Keyless | undefined =>
  keys && keylessFor(keys.ring, upstream, now);

/** The health of a pair with that of the keys it is asked with. */
export const healthWithKeys = (
  health: PairHealth,
  keys: HostKeys | undefined,
  upstream: string,
  now: Millis,
): PairHealth => {
  const keyless = keylessAt(keys, upstream, now);
  return keyless === undefined ? health : { ...health, keyless };
};

/** The position of the key to use now, which counts as used; the first where none should be. */
export const takeKey = (keys: HostKeys, upstream: string, now: Millis): number => {
  const index = nextKey(keys.ring, upstream, now) ?? 0;
  keys.ring = keyUsed(keys.ring, index);
  return index;
};

/** The headers of a request with those that carry one key in place of the first one's. */
export const headersWithKey = (
  headers: Readonly<Record<string, string>>,
  { carriers }: HostKeys,
  index: number,
): Readonly<Record<string, string>> => (index === 0 ? headers : { ...headers, ...carriers[index] });

const tell = (
  backend: Backend,
  before: KeyReport | undefined,
  after: KeyReport | undefined,
  report: Report,
): void => {
  if (after === undefined || before?.state === after.state) return;
  report({ type: 'key', backend: backend.options.id, ...after });
};

/** Takes a new state of the ring, and tells of the key if it is in another state by that. */
const become = (keys: HostKeys, ring: KeyRing, index: number, now: Millis, report: Report): void => {
  if (ring === keys.ring) return;
  const [backend] = keys.backends;
  const before = keyReports(keys.ring, now)[index];
  keys.ring = ring;
  if (backend !== undefined) tell(backend, before, keyReports(ring, now)[index], report);
};

/** A key was accepted; the headers may say that nothing is left of its limit. */
export const noteKeyAnswer = (
  keys: HostKeys,
  index: number,
  { upstream, headers }: { readonly upstream: string; readonly headers: LimitHeaders },
  { clock, report }: KeyDeps,
): void => {
  const now = clock.now();
  const spentMs = spentFor(headers, clock.wallMs());
  become(keys, keyAnswered(keys.ring, index, { model: upstream, spentMs }, now), index, now, report);
};

const faultOf = ({ class: kind, status }: Failure): KeyFault | undefined => {
  if (kind === 'quota' || (kind === 'auth' && status === 402)) return 'payment';
  if (kind !== 'auth') return undefined;
  return status === 403 ? 'forbidden' : 'unauthorized';
};

/** Whether a failure tells of the key rather than of the host; then the key is told. */
export const noteKeyFailure = (
  keys: HostKeys,
  index: number,
  { upstream, failure }: { readonly upstream: string; readonly failure: Failure },
  { clock, report }: KeyDeps,
): boolean => {
  const now = clock.now();
  const fault = faultOf(failure);
  if (fault === undefined && failure.class !== 'rate') return false;
  const ring =
    fault === undefined
      ? keyLimited(keys.ring, index, { model: upstream, retryAfterMs: failure.retryAfterMs }, now)
      : keyRefused(keys.ring, index, fault, now);
  become(keys, ring, index, now, report);
  return true;
};

/** The provider listed its models to a key, or would not. */
export const noteKeyListing = (
  keys: HostKeys,
  index: number,
  how: 'accepted' | 'refused',
  { clock, report }: KeyDeps,
): void => {
  const now = clock.now();
  const ring = how === 'accepted' ? keyAccepted(keys.ring, index) : keyListingRefused(keys.ring, index, now);
  become(keys, ring, index, now, report);
};

/** The key for a question about no model: one that may be used, else the one whose turn it is, since a question harms nothing. */
export const keyToAsk = (keys: HostKeys, now: Millis): number => {
  const { last } = keys.ring;
  const index = nextKey(keys.ring, '', now) ?? (last + 1) % keys.backends.length;
  keys.ring = keyUsed(keys.ring, index);
  return index;
};

/** Whether any key may be used for the model now. */
export const hasKeyFor = (keys: HostKeys, upstream: string, now: Millis): boolean =>
  nextKey(keys.ring, upstream, now) !== undefined;

/** What may be shown of the keys of a host; nothing where it has none. */
export const keysShown = (keys: HostKeys | undefined, now: Millis): readonly KeyReport[] =>
  keys === undefined ? [] : keyReports(keys.ring, now);
