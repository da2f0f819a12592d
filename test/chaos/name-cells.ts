/** A name that stands for another address from one moment to the next, as where a container comes back elsewhere. */

import { expect } from 'bun:test';
import { openAi, post, say } from '../runtimes/dialects.ts';
import { startEngine } from '../runtimes/scripted-engine.ts';
import { startPointsman } from '../runtimes/start-pointsman.ts';
import { type Cell, cellId, type Scene } from './cell.ts';
import type { Form } from './matrix.ts';
import { createNameTable, ownNames } from './own-names.ts';
import { until } from './until.ts';

const model = 'moving';
const name = 'engine.test';

/** No runtime may hold on to an address for longer. */
const foundWithinMs = 5000;

const isFollowed = async (scene: Scene): Promise<void> => {
  const names = createNameTable();
  const before = await startEngine({ kind: 'openai-compatible', models: [model] });
  const after = await startEngine({
    kind: 'openai-compatible',
    models: [model],
    port: before.port,
    address: '127.0.0.2',
  });
  for (const [engine, word] of [
    [before, 'before'],
    [after, 'after'],
  ] as const) {
    engine.answer((call) =>
      scene.form === 'stream' ? say(call, openAi, word) : call.whole(openAi.whole(word)),
    );
  }
  names.point(name, '127.0.0.1');
  const pointsman = await startPointsman(names.over(scene.target), {
    backends: { moving: { kind: 'openai-compatible', url: `http://${name}:${before.port}` } },
    heartbeat: { afterMs: 0 },
    probe: { intervalMs: 500, timeoutMs: 500 },
  });
  const saysIt = async (word: string): Promise<boolean> => {
    const body = openAi.chat(model, { stream: scene.form === 'stream' });
    return (await (await post(pointsman.origin, openAi.chatPath, body)).text()).includes(word);
  };
  try {
    await until(
      'the first address serves',
      () => saysIt('before'),
      () => scene.within(foundWithinMs),
    );
    names.point(name, '127.0.0.2');
    await before.close();
    await until(
      'the second address serves',
      () => saysIt('after'),
      () => scene.within(foundWithinMs),
      50,
    );
    expect(after.calls.length).toBeGreaterThan(0);
  } finally {
    await pointsman.stop();
    await Promise.all([before.close(), after.close()]);
  }
};

const forms: readonly Form[] = ownNames === 'allowed' ? ['stream', 'whole'] : [];

/** One each, where a process may have names of its own. */
export const nameCells: readonly Cell[] = forms.map((form): Cell => {
  const place = { fault: 'name moved', phase: 'connecting', form } as const;
  return {
    ...place,
    id: cellId(place, openAi, 'to another address'),
    dialect: openAi,
    setup: {},
    waits: false,
    lane: 'alone',
    prove: isFollowed,
  };
});
