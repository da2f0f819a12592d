/** One scripted host and its loads, for tests of what is brought into memory there. */

import type { Pair } from '../../src/gateway/pair.ts';
import { answer, type Bench, bench } from './scripted.ts';

/** A load whose end a test decides. */
export const held = () => {
  let end: (response: Response) => void = () => undefined;
  return {
    load: () =>
      new Promise<Response>((resolve) => {
        end = resolve;
      }),
    finish: () => end(Response.json({ done: true, done_reason: 'load' })),
    fail: (error: string) => end(Response.json({ error }, { status: 500 })),
  };
};

/** What is known of a model on a host. */
export const pairOf = ({ app }: Bench, host: string, model = 'm:latest'): Pair => {
  const pair = app.gateway.fleet.host(host)?.pairs.get(model);
  if (pair === undefined) throw new Error('no such pair');
  return pair;
};

/** A bench with one host, which was looked at. */
export const one = async (more: object = {}, models: readonly string[] = ['m:latest', 'n:latest']) => {
  const given = await bench({ a: { kind: 'ollama', slots: 8, ...more } });
  const script = given.script('a');
  script.models = models;
  script.infer = answer;
  const host = given.app.gateway.fleet.host('a');
  if (host !== undefined) await given.app.gateway.discovery.look(host);
  return { given, script };
};
