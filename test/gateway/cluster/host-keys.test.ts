import { describe, expect, test } from 'bun:test';
import { createHostKeys } from '../../../src/gateway/cluster/host-keys.ts';
import { bench } from '../scripted.ts';

/** The key of a host at an address, as an instance on that machine has it. */
const keyOf = async (url: string, machine = 'box'): Promise<string> => {
  const { app } = await bench({ a: { kind: 'ollama', url } });
  const [host] = app.gateway.fleet.hosts();
  if (host === undefined) throw new Error('no host');
  return createHostKeys(app.gateway.fleet, machine).host(host);
};

describe('what a host is called between instances', () => {
  test('is the same wherever it is reached by the same address, however that is written', async () => {
    const key = await keyOf('http://engine.internal:11434');
    expect(await keyOf('http://engine.internal:11434/', 'elsewhere')).toBe(key);
    expect(await keyOf('http://ENGINE.internal:11434', 'elsewhere')).toBe(key);
    expect(await keyOf('http://engine.internal:11435')).not.toBe(key);
    expect(await keyOf('http://engine.internal:11434/other')).not.toBe(key);
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('at %s is that of its machine alone', async (name) => {
    const url = `http://${name}:11434`;
    expect(await keyOf(url, 'box')).toBe(await keyOf(url, 'BOX'));
    expect(await keyOf(url, 'box')).not.toBe(await keyOf(url, 'other'));
  });

  test('says nothing of its address, nor a model’s of its name', async () => {
    expect(await keyOf('http://engine.internal:11434')).toMatch(/^[a-z2-7]{12}$/);
    const { app } = await bench({ a: { kind: 'ollama', url: 'http://engine.internal:11434' } });
    const keys = createHostKeys(app.gateway.fleet, 'box');
    expect(keys.model('llama3:8b')).toMatch(/^[a-z0-9]{1,13}$/);
    expect(keys.model('llama3:8b')).not.toContain('llama');
    expect(keys.model('LLAMA3:8b')).toBe(keys.model('llama3:8b'));
  });

  test('finds host and model again', async () => {
    const { app } = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama' } });
    const keys = createHostKeys(app.gateway.fleet, 'box');
    for (const host of app.gateway.fleet.hosts()) {
      expect(keys.hostAt(keys.host(host))).toBe(host);
      for (const pair of host.pairs.values())
        expect(keys.pairAt(keys.pair(host, pair))).toEqual({ host, pair });
    }
    expect(keys.pairAt('aaaa.x')).toBeUndefined();
  });
});
