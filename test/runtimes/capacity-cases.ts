/** Nobody who could serve: told with what stands in the way and when to come back, and without an address. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, ollama, post, say, type Wire } from './dialects.ts';
import { modelFor, nothingIsSent, type RefusalBench } from './refusal-bench.ts';

const overloaded = async (response: Response, { messageOf }: Dialect): Promise<string> => {
  expect(response.status).toBe(503);
  const waitS = Number(response.headers.get('retry-after'));
  expect(waitS).toBeGreaterThanOrEqual(1);
  expect(waitS).toBeLessThanOrEqual(60);
  const message = messageOf((await response.json()) as Wire) ?? '';
  expect(message).not.toMatch(/127\.0\.0\.1|localhost|:\d{4,5}/);
  return message;
};

const casesOf = (dialect: Dialect): readonly Case<RefusalBench>[] => [
  {
    name: `${dialect.name}: when no host that has the model answers, each is named with its state`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (let round = 0; round < 3; round += 1) {
          const response = await post(bench.origin, dialect.chatPath, dialect.chat('gone'));
          expect(await overloaded(response, dialect)).toContain('vanished');
        }
        const whole = await post(bench.origin, dialect.chatPath, dialect.chat('gone', { stream: false }));
        expect(await overloaded(whole, dialect)).toContain('vanished: down');
      }),
  },
  {
    name: `${dialect.name}: when the queue is full the next is turned away at once, and who waits too long after that`,
    prove: async (bench) => {
      const engine = dialect === ollama ? bench.native : bench.compatible;
      const body = dialect.chat(modelFor(dialect));
      engine.answer(undefined);
      const running = post(bench.origin, dialect.chatPath, body);
      const call = await engine.next();
      const asked = engine.calls.length;
      const waiting = post(bench.origin, dialect.chatPath, body);
      while (!(await (await fetch(`${bench.origin}/stats`)).text()).includes('"queued":1'))
        await Bun.sleep(5);
      const startedAt = performance.now();
      const refused = await post(bench.origin, dialect.chatPath, body);
      expect(performance.now() - startedAt).toBeLessThan(250);
      expect(await overloaded(refused, dialect)).toContain('1 of 1 slots in use');
      expect(await overloaded(await waiting, dialect)).toContain('in time');
      expect(engine.calls.length).toBe(asked);
      say(call, dialect, 'fine');
      expect(dialect.read(await (await running).text()).text).toBe('fine');
    },
  },
];

export const capacityCases: readonly Case<RefusalBench>[] = dialects.flatMap(casesOf);
