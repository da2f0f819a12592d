/** Nothing is held back: what an engine says is with the client before it says more. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, openAi, post } from './dialects.ts';
import { openStream } from './open-stream.ts';
import { startRawClient } from './raw-client.ts';
import type { Call } from './scripted-engine.ts';
import { engineOf, type StreamBench } from './stream-bench.ts';

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

const spacingMs = 50;
const words = ['one', 'two', 'three', 'four', 'five', 'six'];

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;

const casesOf = (front: Dialect, back: Dialect): readonly Case<StreamBench>[] => [
  {
    name: `${front.name} over ${back.kind}: each event arrives before the next is sent`,
    prove: async (bench) => {
      const { engine, model } = engineOf(bench, back);
      engine.answer(undefined);
      const responding = post(bench.origin, front.chatPath, front.chat(model));
      const call = await engine.next();
      call.begin(back.streamType);
      call.write(back.text(words[0] ?? ''));
      const stream = openStream(await responding);
      await stream.saw(words[0] ?? '');
      const sentAt: number[] = [];
      for (const word of words.slice(1)) {
        await sleep(spacingMs);
        sentAt.push(performance.now());
        call.write(back.text(word));
        await stream.saw(word);
      }
      const delaysMs = stream.arrivals.slice(1).map(({ at }, index) => at - (sentAt[index] ?? 0));
      expect(delaysMs.length).toBe(words.length - 1);
      expect(median(delaysMs)).toBeLessThan(spacingMs / 2);
      call.write(back.end);
      call.end();
      expect(front.read(await stream.ended)).toMatchObject({ text: words.join(''), complete: true });
    },
  },
];

/** More than Bun sends at once when nobody tells it otherwise. */
const manyStreams = 300;

export const latencyCases: readonly Case<StreamBench>[] = [
  ...dialects.flatMap((front) => dialects.flatMap((back) => casesOf(front, back))),
  {
    name: `${manyStreams} streams run at once`,
    prove: async ({ pointsman, wide }) => {
      const held: Call[] = [];
      const all = new Promise<void>((resolve) => {
        wide.answer((call) => {
          call.begin(openAi.streamType);
          call.write(openAi.text('begun'));
          held.push(call);
          if (held.length === manyStreams) resolve();
        });
      });
      const body = JSON.stringify(openAi.chat('wide'));
      const head = `POST ${openAi.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`;
      const clients = Array.from({ length: manyStreams }, () => startRawClient(pointsman.port, head + body));
      await all;
      for (const call of held) {
        call.write(openAi.end);
        call.end();
      }
      await Promise.all(clients.map((client) => client.saw('[DONE]')));
      for (const client of clients) client.leave('finish');
    },
  },
];
