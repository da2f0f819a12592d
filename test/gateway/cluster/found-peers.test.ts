import { describe, expect, test } from 'bun:test';
import { foundPeers } from '../../../src/gateway/cluster/found-peers.ts';
import type { BackendOptions, StateSettings } from '../../../src/spec/settings.ts';
import { knowing } from '../../core/cluster/knowing.ts';
import { headOf } from './neighbours.ts';

const state: StateSettings = {
  driver: 'memory',
  findPeers: true,
  advertise: 'http://here:5010',
  peerKey: 'k',
};
const named: BackendOptions = {
  ...{ id: 'mine', kind: 'peer', url: 'http://named:5010', lane: 'peer', zone: 'local' },
  ...{ priority: 0, simulated: false },
};

const found = (peers: Readonly<Record<string, string | undefined>>, settings = state) => {
  const heads = Object.entries(peers).map(([instance, peer]) => headOf(instance, { peer }));
  return foundPeers(knowing(...heads), [named], settings, () => 'local');
};

describe('instances that say where they are reached', () => {
  test('become backends of those who look for them, behind all that are configured', () => {
    const [peer, ...rest] = found({ other: 'http://there:5010', silent: undefined });
    expect(rest).toEqual([]);
    expect(peer).toMatchObject({ id: 'other', kind: 'peer', url: 'http://there:5010', apiKey: 'k' });
    expect(peer?.priority).toBeGreaterThan(named.priority);
    expect(found({ other: 'http://there:5010' }, { ...state, findPeers: false })).toEqual([]);
  });

  test('are not this instance itself, nor what configuration names, nor one of them twice', () => {
    expect(found({ self: 'http://here:5010', known: 'http://named:5010', mine: 'http://there:1' })).toEqual(
      [],
    );
    expect(found({ one: 'http://there:5010', two: 'http://there:5010' })).toHaveLength(1);
  });

  test('are not this instance however its own address is written', () => {
    expect(found({ self: 'http://here:5010' }, { ...state, advertise: 'http://HERE:5010' })).toEqual([]);
  });

  test('come in one order, whoever was heard first', () => {
    const peers = { b: 'http://b:1', a: 'http://a:1', c: 'http://c:1' };
    expect(found(peers).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});
