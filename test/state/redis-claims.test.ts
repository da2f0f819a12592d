import { afterEach, expect, test } from 'bun:test';
import { createRedisStore } from '../../src/state/redis-store.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** The commands in a text that holds whole ones, as the library sends them. */
const commandsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split(/\*\d+\r\n/)
    .filter((each) => each !== '')
    .map((each) => each.split('\r\n').filter((_, index) => index % 2 === 1));

/** Answers as Redis does to who asks it to set what is not there, and keeps what it was asked. */
const startFakeRedis = () => {
  const asked: (readonly string[])[] = [];
  const kept = new Set<string>();
  const answerTo = ([name = '', key = '']: readonly string[]): string => {
    const what = name.toLowerCase();
    if (what === 'info') return '$15\r\nredis_version:7\r\n';
    if (what !== 'set') return '+OK\r\n';
    const isNew = !kept.has(key);
    kept.add(key);
    return isNew ? '+OK\r\n' : '$-1\r\n';
  };
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data: (socket, data) => {
        for (const command of commandsIn(data.toString())) {
          asked.push(command);
          socket.write(answerTo(command));
        }
      },
    },
  });
  stops.push(() => server.stop(true));
  return { url: `redis://127.0.0.1:${server.port}`, asked };
};

test('a claim in Redis is the first one’s, and ends by itself when its time is over', async () => {
  const { url, asked } = startFakeRedis();
  const store = createRedisStore({ url });
  stops.push(() => store.close());
  // Until it is connected every call fails at once.
  const first = async (): Promise<boolean | undefined> => {
    for (;;) {
      const claimed = await store.claim?.('v1:claim:a', 2_750).catch(() => 'not yet');
      if (typeof claimed === 'boolean') return claimed;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  expect(await first()).toBe(true);
  expect(await store.claim?.('v1:claim:a', 2_750)).toBe(false);
  const claims = asked.filter(([name]) => name === 'set');
  expect(claims.length).toBeGreaterThanOrEqual(2);
  for (const claim of claims)
    expect(claim).toEqual(['set', '{pointsman}:v1:claim:a', '1', 'PX', '2750', 'NX']);
});
