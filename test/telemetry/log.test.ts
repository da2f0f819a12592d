import { expect, test } from 'bun:test';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { TelemetryEvent } from '../../src/telemetry/events.ts';
import { createLog, type LogOptions } from '../../src/telemetry/log.ts';

const logged = (event: TelemetryEvent, options: LogOptions): readonly string[] => {
  const lines: string[] = [];
  createLog(
    createVirtualClock(),
    () => options,
    (line) => lines.push(line),
  )(event);
  return lines;
};

const down: TelemetryEvent = {
  type: 'backend-state',
  backend: 'gpu',
  state: 'down',
  reason: 'connection refused',
};

test('a host that goes down is told at warn and not at error', () => {
  expect(
    JSON.parse(logged(down, { level: 'warn', requests: false, decisions: false })[0] ?? ''),
  ).toMatchObject({
    level: 'warn',
    backend: 'gpu',
  });
  expect(logged(down, { level: 'error', requests: false, decisions: false })).toEqual([]);
});

test('a field with line breaks and colour codes stays one line', () => {
  const [line = ''] = logged(
    { ...down, reason: 'a\nb\u001b[31m' },
    { level: 'warn', requests: false, decisions: false },
  );
  expect(line.trimEnd().split('\n').length).toBe(1);
  expect(line).not.toContain('\u001b');
});

test('a field without end is cut', () => {
  const [line = ''] = logged(
    { ...down, reason: 'x'.repeat(1_000_000) },
    { level: 'warn', requests: false, decisions: false },
  );
  expect(line.length).toBeLessThan(3000);
});

test('a decision is made and written only where that is asked for', () => {
  let made = 0;
  const event: TelemetryEvent = {
    type: 'decision',
    decision: () => {
      made += 1;
      return {
        version: 1,
        requestId: 'r1',
        atUnixMs: 0,
        principal: 'a',
        model: 'm',
        rounds: [],
        attempts: [],
      };
    },
  };
  expect(logged(event, { level: 'debug', requests: true, decisions: false })).toEqual([]);
  expect(made).toBe(0);
  const [line = ''] = logged(event, { level: 'error', requests: false, decisions: true });
  expect(JSON.parse(line)).toMatchObject({ type: 'decision', decision: { version: 1, requestId: 'r1' } });
  expect(made).toBe(1);
});
