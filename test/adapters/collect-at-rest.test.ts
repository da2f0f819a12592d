import { describe, expect, test } from 'bun:test';
import { collectAtRest } from '../../adapters/collect-at-rest.ts';

const mebibyte = 1024 * 1024;

/** A process whose collections free all but `keptBytes`. */
const processWith = (given: { running: number; residentBytes: number; keptBytes: number }) => {
  const state = { ...given, collections: 0 };
  const check = collectAtRest({
    running: () => state.running,
    residentBytes: () => state.residentBytes,
    collect: () => {
      state.collections += 1;
      state.residentBytes = state.keptBytes;
    },
  });
  return { state, check };
};

describe('collecting at rest', () => {
  test('what the start left behind is collected at the first rest', () => {
    const { state, check } = processWith({
      running: 0,
      residentBytes: 60 * mebibyte,
      keptBytes: 50 * mebibyte,
    });
    check();
    expect(state.collections).toBe(1);
  });

  test('nobody who waits for an answer waits for a collection', () => {
    const { state, check } = processWith({
      running: 1,
      residentBytes: 90 * mebibyte,
      keptBytes: 50 * mebibyte,
    });
    check();
    expect(state.collections).toBe(0);
    state.running = 0;
    check();
    expect(state.collections).toBe(1);
  });

  test('a process that stays as it is is left alone, however little its collection freed', () => {
    const { state, check } = processWith({
      running: 0,
      residentBytes: 60 * mebibyte,
      keptBytes: 59 * mebibyte,
    });
    for (let second = 0; second < 100; second += 1) check();
    expect(state.collections).toBe(1);
  });

  test('growth is collected once it is worth a pause', () => {
    const { state, check } = processWith({
      running: 0,
      residentBytes: 60 * mebibyte,
      keptBytes: 50 * mebibyte,
    });
    check();
    state.residentBytes = 57 * mebibyte;
    check();
    expect(state.collections).toBe(1);
    state.residentBytes = 58 * mebibyte;
    check();
    expect(state.collections).toBe(2);
  });
});
