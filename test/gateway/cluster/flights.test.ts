import { describe, expect, test } from 'bun:test';
import type { Flight, Head } from '../../../src/core/cluster/document.ts';
import { countFlights } from '../../../src/gateway/cluster/flights.ts';
import { createHostKeys } from '../../../src/gateway/cluster/host-keys.ts';
import { createPairRecords } from '../../../src/gateway/cluster/pair-records.ts';
import { takenSlots } from '../../../src/gateway/host.ts';
import { knowing } from '../../core/cluster/knowing.ts';
import { bench } from '../scripted.ts';
import { headOf, someHosts } from './neighbours.ts';

/** No turn was taken before. */
const atOnce = () => ({ records: createPairRecords(), now: 0 });

/** The host `a` as it is after these flights of others were counted. */
const counted = async (flights: readonly Flight[], lostOthers?: number, own = 'own') => {
  const { fleet, hostOf } = await someHosts('a');
  const keys = createHostKeys(fleet, 'box');
  const host = hostOf('a');
  const key = keys.host(host);
  const heads = flights.map(
    (flight, index): Head => headOf(`o${index}`, { flights: new Map([[key, flight]]) }),
  );
  countFlights({ ...{ fleet, keys, own, lostOthers }, knowledge: knowing(...heads), ...atOnce() });
  return host;
};

describe('the slots of a host', () => {
  test('that others hold are taken, and what waits there is not', async () => {
    const host = await counted([
      { inflight: 1, waiting: 0 },
      { inflight: 2, waiting: 0 },
    ]);
    expect([host.elsewhere, host.ownLimit]).toEqual([3, Infinity]);
    const waiting = await counted([{ inflight: 1, waiting: 5 }]);
    expect(waiting.elsewhere).toBe(1);
  });

  test('are all for whoever wants them while nobody else waits for one', async () => {
    const host = await counted([{ inflight: 1, waiting: 0 }]);
    host.inflight = 3;
    expect(takenSlots(host)).toBe(4);
    host.inflight = 2;
    expect(takenSlots(host)).toBe(3);
  });

  test('are shared with those who wait: beyond its part an instance takes none', async () => {
    const host = await counted([{ inflight: 0, waiting: 3 }]);
    expect(host.ownLimit).toBe(2);
    host.inflight = 2;
    expect(takenSlots(host)).toBe(4);
  });

  test('are divided by as many as there were when nobody can be seen any more', async () => {
    expect((await counted([], 1)).ownLimit).toBe(2);
    expect((await counted([], 2)).ownLimit).toBe(2);
    expect((await counted([], 3)).ownLimit).toBe(1);
    expect((await counted([], 0)).ownLimit).toBe(Infinity);
    expect((await counted([])).ownLimit).toBe(Infinity);
  });

  test('are free again when who held them is heard of no more', async () => {
    const { fleet, hostOf } = await someHosts('a');
    const keys = createHostKeys(fleet, 'box');
    const flights = new Map([[keys.host(hostOf('a')), { inflight: 3, waiting: 2 }]]);
    const seen = { lostOthers: undefined, ...atOnce() };
    const count = (...heads: readonly Head[]) =>
      countFlights({ ...{ fleet, keys, own: 'own' }, knowledge: knowing(...heads), ...seen });
    count(headOf('other', { flights }));
    expect(hostOf('a').elsewhere).toBe(3);
    count();
    expect([hostOf('a').elsewhere, hostOf('a').ownLimit]).toEqual([0, Infinity]);
  });
});

describe('a peer that shares the store', () => {
  test('is as full as it says, but for what this instance has it do', async () => {
    const { app } = await bench({ box: { kind: 'peer', url: 'http://box.internal:5010' } });
    const { fleet } = app.gateway;
    const host = fleet.host('box');
    if (host === undefined) throw new Error('no host');
    host.inflight = 2;
    const keys = createHostKeys(fleet, 'here');
    const flights = new Map([
      ['aaaa', { inflight: 3, waiting: 1 }],
      ['bbbb', { inflight: 1, waiting: 0 }],
    ]);
    const knowledge = knowing(
      headOf('peer', { peer: 'http://box.internal:5010', waiting: 1, flights }),
      headOf('another', { peer: 'http://elsewhere:5010', waiting: 1, flights }),
    );
    countFlights({ fleet, keys, own: 'own', knowledge, lostOthers: undefined, ...atOnce() });
    expect(host.elsewhere).toBe(3);
  });
});
