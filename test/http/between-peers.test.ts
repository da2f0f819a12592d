import { describe, expect, test } from 'bun:test';
import { senderOf } from '../../src/http/between-peers.ts';
import { answer, bench, chat, handStream, ollamaLines } from '../gateway/scripted.ts';

const hops = (value: string) => ({
  headers: { host: 'localhost:5010', 'content-type': 'application/json', 'x-pointsman-hops': value },
});

describe('a request that another Pointsman sent', () => {
  test('is told from one of a client by its header', () => {
    expect(senderOf(new Headers())).toBe('client');
    expect(senderOf(new Headers({ 'x-pointsman-hops': '1' }))).toBe('peer');
    expect(senderOf(new Headers({ 'x-pointsman-hops': 'nonsense' }))).toBe('peer');
  });

  test('ends where it has passed three, with 508 and no call', async () => {
    expect(senderOf(new Headers({ 'x-pointsman-hops': '2' }))).toBe('peer');
    expect(() => senderOf(new Headers({ 'x-pointsman-hops': '3' }))).toThrow('circle');
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = answer;
    for (const count of ['3', '17']) {
      const response = await given.post('/api/chat', chat(), hops(count));
      expect(response.status).toBe(508);
    }
    expect(given.script('a').calls).toEqual([]);
    expect((await given.post('/api/chat', chat(), hops('2'))).status).toBe(200);
  });

  test('is passed on to a peer with one more behind it', async () => {
    const given = await bench({ box: { kind: 'peer' } });
    given.script('box').infer = answer;
    await given.post('/api/chat', chat(), hops('1'));
    await given.post('/api/chat', chat());
    expect(given.script('box').calls.map(({ headers }) => headers['x-pointsman-hops'])).toEqual(['2', '1']);
  });
});

describe('the load that a Pointsman tells', () => {
  test('is told to others of its kind only', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 4 } });
    given.script('a').infer = answer;
    const told = async (init?: RequestInit) =>
      (await given.post('/api/chat', chat(), init)).headers.get('x-pointsman-load');
    expect(await told()).toBeNull();
    expect(await told(hops('1'))).toMatch(/^\d+ 0 4$/);
  });

  test('is what runs beside the request that is answered, be it a stream or whole', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 4 } });
    const runs = handStream();
    given.script('a').infer = () => new Response(runs.body);
    runs.push(ollamaLines.text('hello'));
    const streamed = await given.post('/api/chat', chat(), hops('1'));
    expect(streamed.headers.get('x-pointsman-load')).toBe('0 0 4');
    given.script('a').infer = answer;
    const whole = await given.post('/api/chat', chat('m', { stream: false }), hops('1'));
    expect(whole.headers.get('x-pointsman-load')).toBe('1 0 4');
    runs.push(ollamaLines.done);
    runs.close();
    await streamed.text();
    const alone = await given.post('/api/chat', chat('m', { stream: false }), hops('1'));
    expect(alone.headers.get('x-pointsman-load')).toBe('0 0 4');
  });
});
