import { describe, expect, test } from 'bun:test';
import { parseGoDuration, parseKeepAlive } from '../../src/simulator/keep-alive.ts';

describe('keep_alive', () => {
  test('numbers are seconds, and below zero is forever', () => {
    expect(parseKeepAlive(300)).toEqual({ durationMs: 300_000 });
    expect(parseKeepAlive(0.5)).toEqual({ durationMs: 500 });
    expect(parseKeepAlive(0)).toEqual({ durationMs: 0 });
    expect(parseKeepAlive(-1)).toEqual({ durationMs: Infinity });
  });

  test('strings are durations as Go writes them', () => {
    expect(parseKeepAlive('5m')).toEqual({ durationMs: 300_000 });
    expect(parseKeepAlive('1h30m')).toEqual({ durationMs: 5_400_000 });
    expect(parseKeepAlive('1.5s')).toEqual({ durationMs: 1500 });
    expect(parseKeepAlive('250ms')).toEqual({ durationMs: 250 });
    expect(parseKeepAlive('0')).toEqual({ durationMs: 0 });
    expect(parseKeepAlive('-1m')).toEqual({ durationMs: Infinity });
  });

  test('a number in a string has no unit', () => {
    expect(parseKeepAlive('-1')).toEqual({ problem: 'time: missing unit in duration "-1"' });
    expect(parseKeepAlive('300')).toEqual({ problem: 'time: missing unit in duration "300"' });
  });

  test('what is no duration is said to be none', () => {
    expect(parseGoDuration('')).toEqual({ problem: 'time: invalid duration ""' });
    expect(parseGoDuration('soon')).toEqual({ problem: 'time: invalid duration "soon"' });
    expect(parseGoDuration('5d')).toEqual({ problem: 'time: unknown unit "d" in duration "5d"' });
    expect(parseKeepAlive(true)).toEqual({ problem: "Unsupported type: 'bool'" });
  });

  test('absent and null wish for nothing', () => {
    expect(parseKeepAlive(undefined)).toBeUndefined();
    expect(parseKeepAlive(null)).toBeUndefined();
  });
});
