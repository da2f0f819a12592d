/** A silence longer than every timer the runtimes would set by themselves; it runs beside all other cases. */

import { expect } from 'bun:test';
import { caseGroup } from './case-group.ts';
import { ollama, openAi, post, say } from './dialects.ts';
import { openStream } from './open-stream.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** Beyond Bun's ten seconds and the tick its timer is late by. */
const silentMs = 13_000;

/** What the clients had at the end. */
interface Heard {
  readonly beforeHeaders: string;
  readonly insideStream: string;
}

const waitThrough = async (
  origin: string,
  native: ScriptedEngine,
  compatible: ScriptedEngine,
): Promise<Heard> => {
  const late = post(origin, ollama.chatPath, ollama.chat('m'));
  const lateCall = await native.next();
  const begun = post(origin, openAi.chatPath, openAi.chat('other'));
  const begunCall = await compatible.next();
  begunCall.begin(openAi.streamType);
  begunCall.write(openAi.text('before '));
  const stream = openStream(await begun);
  await stream.saw('before ');
  await Bun.sleep(silentMs);
  say(lateCall, ollama, 'after a long thought');
  begunCall.write(openAi.text('and after') + openAi.end);
  begunCall.end();
  return { beforeHeaders: await (await late).text(), insideStream: await stream.ended };
};

const listen = async (target: Target): Promise<Heard> => {
  const native = await startEngine({ kind: 'ollama', models: ['m'] });
  const compatible = await startEngine({ kind: 'openai-compatible', models: ['other'] });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url },
      compatible: { kind: 'openai-compatible', url: compatible.url },
    },
    heartbeat: { afterMs: 0 },
  });
  try {
    return await waitThrough(pointsman.origin, native, compatible);
  } finally {
    await pointsman.stop();
    await Promise.all([native.close(), compatible.close()]);
  }
};

const begun = new Map<Target, Promise<Heard>>();

/** Starts the wait, whose end the group looks at. */
export const beginSilence = (target: Target): void => {
  const heard = listen(target);
  heard.catch(() => undefined);
  begun.set(target, heard);
};

export const silenceGroup = caseGroup({
  title: 'a long silence',
  needs: 'an engine that is silent for 13 s at the right moment',
  open: async (target) => ({ heard: begun.get(target) }),
  close: () => undefined,
  timeoutMs: 30_000,
  cases: [
    {
      name: 'thirteen silent seconds before headers and inside a stream cut nothing',
      prove: async ({ heard }) => {
        const { beforeHeaders, insideStream } = (await heard) ?? { beforeHeaders: '', insideStream: '' };
        expect(ollama.read(beforeHeaders)).toMatchObject({ text: 'after a long thought', complete: true });
        expect(openAi.read(insideStream)).toMatchObject({ text: 'before and after', complete: true });
      },
    },
  ],
});
