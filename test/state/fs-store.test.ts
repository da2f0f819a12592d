import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyKey, headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createFsStore } from '../../src/state/fs-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pointsman-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hour = 3_600;

/** Makes a file seem to have been written that many seconds before now. */
const age = (key: string, seconds: number): void => {
  const at = Date.now() / 1000 - seconds;
  utimesSync(join(folder, key.replaceAll(':', '/')), at, at);
};

const [live, gone, lately] = ['live', 'gone', 'lately'].map(instanceKey) as [string, string, string];

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 200 && !(await holds()); attempt += 1) await Bun.sleep(10);
};

const write = async (key: string, seconds: number): Promise<void> => {
  await createFsStore(folder).write(key, `pointsman/1 of ${key}`, 60_000);
  age(key, seconds);
};

describe('a store in a folder', () => {
  test('is cleared of what instances left behind that are gone for a day', async () => {
    await write(headKey(live), 1);
    // Nothing changed there for long, which is no sign of being gone.
    await write(bodyKey(live), 72 * hour);
    await write(headKey(gone), 25 * hour);
    await write(bodyKey(gone), 26 * hour);
    await write(headKey(lately), 23 * hour);
    await write(bodyKey(lately), 90 * hour);
    const orphan = bodyKey(instanceKey('orphan'));
    await write(orphan, 25 * hour);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'file'), 'of somebody else');
    age('other:file', 1_000 * hour);

    const store = createFsStore(folder);
    for (let turn = 0; turn < 5; turn += 1) expect(await store.keys()).toContain(headKey(gone));
    const left = async (): Promise<readonly string[]> => [...(await store.keys())].sort();
    await until(async () => (await left()).length <= 5);
    expect(await left()).toEqual(
      [headKey(live), bodyKey(live), headKey(lately), bodyKey(lately), 'other:file'].sort(),
    );
    await store.close();
  });

  test('keeps all of it where nobody wrote for long, since nothing is older than the rest', async () => {
    for (const key of [headKey(live), headKey(lately)]) await write(key, 400 * hour);
    const store = createFsStore(folder);
    for (let turn = 0; turn < 6; turn += 1) await store.keys();
    await Bun.sleep(50);
    expect(await store.keys()).toHaveLength(2);
    await store.close();
  });

  test('that is not there yet lists nothing', async () => {
    const store = createFsStore(join(folder, 'not', 'yet'));
    expect(await store.keys()).toEqual([]);
    await store.close();
  });
});
