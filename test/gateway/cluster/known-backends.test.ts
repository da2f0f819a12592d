import { describe, expect, test } from 'bun:test';
import { checkConfig } from '../../../src/config/check-config.ts';
import { toSettings } from '../../../src/config/settings.ts';
import type { Head } from '../../../src/core/cluster/document.ts';
import { createKnownBackends } from '../../../src/gateway/cluster/known-backends.ts';
import { createFleet } from '../../../src/gateway/fleet.ts';
import type { Json } from '../../../src/spec/json.ts';
import type { GatewaySettings } from '../../../src/spec/settings.ts';
import { knowing } from '../../core/cluster/knowing.ts';
import { headOf } from './neighbours.ts';

const sharing = { driver: 'http', url: 'http://keeper:5010/state', secret: 'a-secret-of-the-cluster' };
const engine = { kind: 'ollama', url: 'http://engine:11434' };

const settingsOf = (tree: Readonly<Record<string, Json>>): GatewaySettings => {
  const checked = checkConfig(tree);
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  return toSettings(checked.config, new Set());
};

const finding = settingsOf({ backends: { engine }, state: { ...sharing, findPeers: true } });

/** A router that hears of these, with its configuration in the hands of the test. */
const router = () => {
  let settings = finding;
  let heard: readonly Head[] = [];
  const left = new Set<string>();
  const fleet = createFleet(0);
  const backends = createKnownBackends({
    fleet,
    discovery: { start: () => undefined },
    cluster: { knowledge: () => knowing(...heard), hasLeft: (instance) => left.has(instance) },
    settings: () => settings,
    zoneOf: () => 'local',
  });
  backends.take();
  return {
    left,
    fleet,
    hears: (...heads: readonly Head[]): void => {
      heard = heads;
      backends.lookForPeers();
    },
    reads: (next: GatewaySettings): void => {
      settings = next;
      backends.take();
    },
    urls: () => fleet.hosts().map(({ backend }) => `${backend.options.id} ${backend.options.url}`),
  };
};

const box = headOf('box', { peer: 'http://box:5010' });
const both = ['engine http://engine:11434', 'box http://box:5010'];

describe('a peer that was found', () => {
  test('stands beside what is configured, and stays the same host', () => {
    const { fleet, hears, reads, urls } = router();
    hears(box);
    expect(urls()).toEqual(both);
    const host = fleet.host('box');
    hears(box, headOf('silent'));
    reads(finding);
    expect(fleet.host('box')).toBe(host);
  });

  test('that the store shows no more is kept while it answers, and gone when it says goodbye or is down', () => {
    for (const goes of ['goodbye', 'down'] as const) {
      const { left, fleet, hears, urls } = router();
      hears(box);
      hears();
      expect(urls()).toEqual(both);
      const host = fleet.host('box');
      if (goes === 'goodbye') left.add('box');
      else if (host !== undefined) host.health = { state: 'down', failures: 2 };
      hears();
      expect(urls()).toEqual(['engine http://engine:11434']);
    }
  });

  test('gives way to what configuration says when that begins to name it, by its name or by its address', () => {
    for (const name of ['box', 'mine']) {
      const { fleet, hears, reads, urls } = router();
      hears(box);
      const named = { kind: 'peer', url: 'http://box:5010', slots: 3 };
      const state = { ...sharing, findPeers: true };
      reads(settingsOf({ backends: { engine, [name]: named }, state }));
      const wanted = ['engine http://engine:11434', `${name} http://box:5010`];
      expect(urls()).toEqual(wanted);
      expect(fleet.host(name)?.backend.options.slots).toBe(3);
      hears(box);
      hears();
      expect(urls()).toEqual(wanted);
    }
  });

  test('that comes back under another name is one backend, not two', () => {
    const { hears, urls } = router();
    hears(box);
    hears(headOf('box-again', { peer: 'http://box:5010' }));
    expect(urls()).toEqual(['engine http://engine:11434', 'box-again http://box:5010']);
  });

  test('is shown the key that configuration says now', () => {
    const { fleet, hears, reads } = router();
    hears(box);
    const state = { ...sharing, findPeers: true, peerKey: 'key-of-all-peers' };
    reads(settingsOf({ backends: { engine }, state }));
    hears(box);
    expect(fleet.host('box')?.backend.options.apiKey).toBe('key-of-all-peers');
  });

  test('is let go when peers are not to be found any more', () => {
    const { hears, reads, urls } = router();
    hears(box);
    reads(settingsOf({ backends: { engine }, state: sharing }));
    expect(urls()).toEqual(['engine http://engine:11434']);
    hears(box);
    expect(urls()).toEqual(['engine http://engine:11434']);
  });
});
