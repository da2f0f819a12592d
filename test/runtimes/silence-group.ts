/** A silence longer than every timer the runtimes would set by themselves; it runs beside all other cases. */

import { expect } from 'bun:test';
import { caseGroup } from './case-group.ts';
import { ollama, openAi, post, say } from './dialects.ts';
import { openStream } from './open-stream.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** Beyond the timer that is set on Bun for slow senders, and the tick it may be late by; the others have none so long. */
const silentMsOf = ({ runtime }: Target): number => (runtime === 'bun' ? 36_000 : 13_000);

/** What the clients had at the end. */
interface Heard {
  readonly beforeHeaders: string;
  readonly whole: string;
  readonly insideStream: string;
}

const waitThrough = async (
  origin: string,
  native: ScriptedEngine,
  compatible: ScriptedEngine,
  silentMs: number,
): Promise<Heard> => {
  const late = post(origin, ollama.chatPath, ollama.chat('m'));
  const lateCall = await native.next();
  const whole = post(origin, ollama.chatPath, ollama.chat('m', { stream: false }));
  const wholeCall = await native.next();
  const begun = post(origin, openAi.chatPath, openAi.chat('other'));
  const begunCall = await compatible.next();
  begunCall.begin(openAi.streamType);
  begunCall.write(openAi.text('before '));
  const stream = openStream(await begun);
  await stream.saw('before ');
  await Bun.sleep(silentMs);
  say(lateCall, ollama, 'after a long thought');
  wholeCall.whole(ollama.whole('after a long thought'));
  begunCall.write(openAi.text('and after') + openAi.end);
  begunCall.end();
  return {
    beforeHeaders: await (await late).text(),
    whole: await (await whole).text(),
    insideStream: await stream.ended,
  };
};

const listen = async (target: Target): Promise<Heard> => {
  const native = await startEngine({ kind: 'ollama', models: ['m'] });
  const compatible = await startEngine({ kind: 'openai-compatible', models: ['other'] });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url, slots: 2 },
      compatible: { kind: 'openai-compatible', url: compatible.url },
    },
    heartbeat: { afterMs: 0 },
  });
  try {
    return await waitThrough(pointsman.origin, native, compatible, silentMsOf(target));
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
  needs: 'an engine that is silent at the right moment',
  open: async (target) => ({ heard: begun.get(target) }),
  close: () => undefined,
  timeoutMs: 60_000,
  cases: [
    {
      name: 'a silence longer than any timer of the runtime cuts nothing, before headers and inside a stream',
      prove: async ({ heard }) => {
        if (heard === undefined) throw new Error('the silence was never begun');
        const { beforeHeaders, whole, insideStream } = await heard;
        expect(ollama.read(beforeHeaders)).toMatchObject({ text: 'after a long thought', complete: true });
        expect(whole).toContain('after a long thought');
        expect(openAi.read(insideStream)).toMatchObject({ text: 'before and after', complete: true });
      },
    },
  ],
});
