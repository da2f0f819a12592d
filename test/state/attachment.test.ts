import { describe, expect, test } from 'bun:test';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import { createAttachment } from '../../src/state/attachment.ts';

const begin = () => {
  const clock = createVirtualClock();
  const said: string[] = [];
  const attachment = createAttachment({ clock, random: () => 0.5, said: ({ what }) => said.push(what) });
  return { clock, said, attachment };
};

describe('a store', () => {
  test('that fails once or twice is still there, and away from the third time on', () => {
    const { said, attachment } = begin();
    attachment.succeeded();
    for (let times = 0; times < 2; times += 1) attachment.failed(new Error('broken'));
    expect(attachment.isAttached()).toBe(true);
    attachment.failed(new Error('broken'));
    expect(attachment.now()).toMatchObject({ state: 'detached', failures: 3 });
    attachment.failed(new Error('broken'));
    expect(said).toEqual(['attached', 'detached']);
  });

  test('that answers between two failures did not fail three times in a row', () => {
    const { said, attachment } = begin();
    for (let times = 0; times < 6; times += 1) {
      if (times % 2 === 0) attachment.succeeded();
      attachment.failed(new Error('broken'));
    }
    expect(said).toEqual(['attached']);
  });

  test('that is away is left alone for two seconds and tried again', async () => {
    const { clock, said, attachment } = begin();
    for (let times = 0; times < 3; times += 1) attachment.failed(new Error('broken'));
    expect(attachment.mayTry(clock.now())).toBe(false);
    await clock.advance(1_400);
    expect(attachment.mayTry(clock.now())).toBe(false);
    await clock.advance(1_200);
    expect(attachment.mayTry(clock.now())).toBe(true);
    attachment.succeeded();
    expect(said).toEqual(['detached', 'attached']);
    expect(attachment.now().reason).toBeUndefined();
  });

  test('is not waited for longer than a quarter of a second', async () => {
    const { clock, attachment } = begin();
    const failed: unknown[] = [];
    attachment.within(() => new Promise(() => undefined)).catch((error: unknown) => failed.push(error));
    await clock.advance(249);
    expect(failed).toEqual([]);
    await clock.advance(1);
    expect(failed).toHaveLength(1);
  });

  test('that swallows calls is given eight, until those are lost', async () => {
    const { clock, attachment } = begin();
    let calls = 0;
    const swallowed = (): Promise<never> => {
      calls += 1;
      return new Promise(() => undefined);
    };
    for (let times = 0; times < 12; times += 1) {
      attachment.within(swallowed).catch(() => undefined);
      await clock.advance(1_000);
    }
    expect(calls).toBe(8);
    await clock.advance(18_500);
    attachment.within(swallowed).catch(() => undefined);
    expect(calls).toBe(9);
  });
});
