import { beforeEach, describe, expect, test } from 'bun:test';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { createServedStore } from '../../src/state/served-store.ts';
import type { StateStore } from '../../src/state/store.ts';

const text = 'pointsman/1 of somebody';
const keyOf = (name: string): string => headKey(instanceKey(name));

let clock: VirtualClock;
let store: StateStore;
beforeEach(() => {
  clock = createVirtualClock();
  store = createServedStore(createMemoryStore(), clock);
});

describe('a store that is served', () => {
  test('forgets what is not written again, and no sooner', async () => {
    await store.write(keyOf('one'), text, 60_000);
    await clock.advance(59_000);
    expect(await store.read([keyOf('one')])).toEqual(new Map([[keyOf('one'), text]]));
    await store.write(keyOf('one'), text, 60_000);
    await clock.advance(59_000);
    expect(await store.keys()).toEqual([keyOf('one')]);
    await clock.advance(1_000);
    expect(await store.keys()).toEqual([]);
    expect((await store.read([keyOf('one')])).size).toBe(0);
  });

  test('keeps nothing longer than ten minutes, whatever is asked', async () => {
    await store.write(keyOf('one'), text, 86_400_000);
    await clock.advance(600_000);
    expect(await store.keys()).toEqual([]);
  });

  test('takes no more than a cluster needs, and still what it has already', async () => {
    for (let index = 0; index < 512; index += 1) await store.write(keyOf(`${index}`), text, 60_000);
    await expect(store.write(keyOf('one more'), text, 60_000)).rejects.toThrow(RangeError);
    await store.write(keyOf('0'), `${text} again`, 60_000);
    await store.remove(keyOf('1'));
    await store.write(keyOf('one more'), text, 60_000);
    expect(await store.keys()).toHaveLength(512);
  });

  test.each([
    ['under another key', 'v1:head:../../somewhere', text],
    ['that is no document', keyOf('one'), 'hello'],
    ['beyond the largest size', keyOf('one'), `${text} ${'x'.repeat(300_000)}`],
  ])('takes nothing %s', async (_what, key, given) => {
    await expect(store.write(key, given, 60_000)).rejects.toThrow(RangeError);
    expect(await store.keys()).toEqual([]);
  });
});
