import { describe, expect, test } from 'bun:test';
import { answer, type Bench, bench, chat, servedBy } from './scripted.ts';

/** A whole answer that took as long as it says. */
const timed =
  ({ clock }: Bench, tookMs: number, tokens = 100) =>
  (): Promise<Response> =>
    new Promise((resolve) => {
      const said = {
        model: 'm',
        message: { role: 'assistant', content: 'x' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 100,
        prompt_eval_duration: tookMs * 1e5,
        eval_count: tokens,
        eval_duration: tookMs * 9e5,
      };
      clock.after(tookMs, () => resolve(Response.json(said)));
    });

const whole = chat('m', { stream: false });

/** A host that takes a second for an answer and one that takes four, as was learned of both. */
const fastAndSlow = async (): Promise<Bench> => {
  const options = { kind: 'ollama', slots: 1 };
  const given = await bench({ fast: options, slow: options });
  for (const [id, tookMs] of [
    ['fast', 1000],
    ['slow', 4000],
  ] as const) {
    given.script(id).infer = timed(given, tookMs);
    given.script(id).loaded = ['m:latest'];
  }
  await given.clock.advance(7_000);
  for (let count = 0; count < 6; count += 1) {
    await given.clock.until(Promise.all([1, 2].map(() => servedBy(given.post('/api/chat', whole)))));
  }
  return given;
};

const running = ({ app }: Bench): readonly (number | undefined)[] =>
  ['fast', 'slow'].map((id) => app.gateway.fleet.host(id)?.inflight);

describe('those who wait', () => {
  test('would rather have the fast host, as long as few would have it first', async () => {
    const given = await fastAndSlow();
    const all = [1, 2].map(() => servedBy(given.post('/api/chat', whole)));
    await given.clock.advance(1);
    expect([running(given), given.app.gateway.slots.waiting()]).toEqual([[1, 0], 1]);
    expect(await given.clock.until(Promise.all(all))).toEqual(['fast', 'fast']);
  });

  test('take the slow one where others would have the fast one first, and nobody is passed by for it', async () => {
    const given = await fastAndSlow();
    const asked = given.script('slow').calls.length;
    const all = [1, 2, 3, 4, 5, 6].map(() => servedBy(given.post('/api/chat', whole)));
    await given.clock.advance(1);
    expect([running(given), given.app.gateway.slots.waiting()]).toEqual([[1, 1], 4]);
    const served = await given.clock.until(Promise.all(all));
    expect(served.slice(0, 2)).toEqual(['fast', 'fast']);
    expect(given.script('slow').calls.length - asked).toBeWithin(1, 3);
  });

  test('are asked behind the first who waits for another host when the slow one gets free', async () => {
    const given = await fastAndSlow();
    const all = Array.from({ length: 12 }, () => servedBy(given.post('/api/chat', whole)));
    await given.clock.advance(4_001);
    expect(given.app.gateway.slots.waiting()).toBeGreaterThan(3);
    expect(running(given)).toEqual([1, 1]);
    await given.clock.until(Promise.all(all));
    expect(running(given)).toEqual([0, 0]);
  });
});

describe('the requests of one key', () => {
  const orderUnder = async (strategy: string): Promise<readonly string[]> => {
    const given = await bench({ a: { kind: 'ollama', slots: 1 } }, { strategy });
    given.script('a').infer = () =>
      new Promise((resolve) => void given.clock.after(1_000, () => resolve(answer())));
    const order: string[] = [];
    const words = { first: 1, long: 20_000, short: 1 };
    const all = Object.entries(words).map(async ([name, count]) => {
      const messages = [{ role: 'user', content: 'word '.repeat(count) }];
      await servedBy(given.post('/api/chat', chat('m', { messages })));
      order.push(name);
    });
    await given.clock.until(Promise.all(all));
    return order;
  };

  test('are served the short ones first where the policy goes by time', async () => {
    expect(await orderUnder('expected_finish')).toEqual(['first', 'short', 'long']);
  });

  for (const tokens of [100, 1]) {
    test(`that are alike are served in their order, whenever it is learned that ${tokens} tokens are written`, async () => {
      const given = await bench({ a: { kind: 'ollama', slots: 1 } });
      const { clock } = given;
      given.script('a').infer = timed(given, 10, tokens);
      given.script('a').loaded = ['m:latest'];
      await clock.advance(5_000);
      const order: string[] = [];
      const ask = async (name: string): Promise<void> => {
        await servedBy(given.post('/api/chat', whole));
        order.push(name);
      };
      await clock.until(ask('learned at once'));
      for (let count = 0; count < 5; count += 1) await clock.until(ask('learned later'));
      await clock.advance(500);
      given.script('a').infer = timed(given, 3_000, tokens);
      const all = [ask('first')];
      await clock.advance(5);
      all.push(ask('second'));
      await clock.advance(5);
      all.push(ask('third'));
      await clock.until(Promise.all(all));
      expect(order.slice(6)).toEqual(['first', 'second', 'third']);
    });
  }

  test('are served in their order where it does not', async () => {
    expect(await orderUnder('round_robin')).toEqual(['first', 'long', 'short']);
  });
});
