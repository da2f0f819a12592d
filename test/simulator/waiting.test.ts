import { describe, expect, test } from 'bun:test';
import { createCancellation } from '../../src/simulator/cancellation.ts';
import { EngineFailure } from '../../src/simulator/engine-failure.ts';
import { type Line, type Waiting, waitIn } from '../../src/simulator/waiting.ts';

interface Waiter extends Waiting<number> {
  readonly name: string;
}

const bench = () => {
  const waiters: Waiter[] = [];
  const left: string[] = [];
  const line: Line<Waiter> = { join: (waiter) => waiters.push(waiter), leave: ({ name }) => left.push(name) };
  return { waiters, left, line, cancellation: createCancellation() };
};

describe('whoever waits in a line', () => {
  test('is told what is given, and leaves no more when the caller does', async () => {
    const { waiters, left, line, cancellation } = bench();
    const waiting = waitIn(line, { name: 'one' }, cancellation);
    waiters[0]?.give(7);
    cancellation.cancel();
    expect(await waiting).toBe(7);
    expect(left).toEqual([]);
  });

  test('is told of a refusal', async () => {
    const { waiters, left, line, cancellation } = bench();
    const waiting = waitIn(line, { name: 'one' }, cancellation);
    waiters[0]?.refuse(new EngineFailure('crashed'));
    cancellation.cancel();
    expect(await waiting.catch(({ kind }: EngineFailure) => kind)).toBe('crashed');
    expect(left).toEqual([]);
  });

  test('leaves with its caller', async () => {
    const { left, line, cancellation } = bench();
    const waiting = waitIn(line, { name: 'one' }, cancellation);
    cancellation.cancel();
    expect(await waiting.catch(({ kind }: EngineFailure) => kind)).toBe('cancelled');
    expect(left).toEqual(['one']);
  });
});
