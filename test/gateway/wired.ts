/** Hosts in a fixed order, and looks at what is known of them: what tests of the wiring share. */

import { expect } from 'bun:test';
import { type Bench, bench, chat } from './scripted.ts';

export const crashed = () =>
  Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });
export const odd = () => Response.json({ error: 'something odd' }, { status: 500 });
export const never = (): Promise<Response> => new Promise(() => undefined);
export const refusing = (): never => {
  throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
};

export const inOrder = { strategy: 'priority' };

export const two = (config: Record<string, unknown> = inOrder): Promise<Bench> =>
  bench(
    { a: { kind: 'ollama', slots: 4, priority: 1 }, b: { kind: 'ollama', slots: 4, priority: 2 } },
    config,
  );

export const pairOf = ({ app }: Bench, host: string) => {
  const pair = app.gateway.fleet.host(host)?.pairs.get('m:latest');
  if (pair === undefined) throw new Error(`${host} has no such pair`);
  return pair;
};

export const lastRounds = ({ app }: Bench) => app.gateway.decisions.get('request-1')?.rounds ?? [];

export const candidateOf = (given: Bench, host: string, round = 0) =>
  lastRounds(given)[round]?.snapshot.candidates.find(({ backend }) => backend === host);

/** Opens the breaker of a host's pair, however many hosts stand beside it. */
export const openBreaker = async (given: Bench, host: string): Promise<void> => {
  given.script(host).infer = crashed;
  for (let count = 0; count < 2; count += 1) await given.post('/api/chat', chat());
  expect(pairOf(given, host).health.breaker.state).toBe('open');
};
