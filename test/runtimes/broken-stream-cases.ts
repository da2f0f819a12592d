/** After the first content nothing is asked again, and nothing ends as if it were whole. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, post } from './dialects.ts';
import type { FailoverBench } from './failover-bench.ts';
import { openStream } from './open-stream.ts';
import type { Call } from './scripted-engine.ts';

interface Break {
  /** Completes "… after content". */
  readonly name: string;
  readonly strike: (call: Call, dialect: Dialect) => void;
}

const breaks: readonly Break[] = [
  { name: 'a reset', strike: (call) => call.cut('reset') },
  { name: 'a close without the end of the answer', strike: (call) => call.cut('finish') },
  { name: 'an end of the body without the end of the answer', strike: (call) => call.end() },
  {
    name: 'half a line',
    strike: (call, { text }) => {
      call.write(text('half a').slice(0, 30));
      setTimeout(() => call.cut('reset'), 20);
    },
  },
  {
    name: "an engine's error",
    strike: (call, { error }) => {
      call.write(error('llama runner process has terminated'));
      call.end();
    },
  },
  { name: 'a stall', strike: () => undefined },
];

/** Whatever is not a whole line is dropped, as the strictest client does. */
const wholeLines = (stream: string): string =>
  stream
    .split('\n')
    .filter((line) => line === '' || line.startsWith(':') || line.endsWith('}') || line.endsWith('[DONE]'))
    .join('\n');

const caseOf = ({ name, strike }: Break, front: Dialect, back: Dialect): Case<FailoverBench> => ({
  name: `${front.name} over ${back.kind}: ${name} after content ends in an error, never as if whole`,
  prove: async (bench) => {
    const { first, second } = bench.tier(back);
    const asked = second.calls.length;
    first.answer(undefined);
    const responding = post(bench.origin, front.chatPath, front.chat(bench.fresh(back)));
    const call = await first.next();
    call.begin(back.streamType);
    call.write(back.text('begun'));
    const stream = openStream(await responding);
    await stream.saw('begun');
    strike(call, back);
    const answer = front.read(wholeLines(await stream.ended));
    expect(answer.text).toBe('begun');
    expect(answer.error).toContain('the answer is incomplete');
    expect(answer.complete).toBe(false);
    expect(second.calls.length).toBe(asked);
    if (name === 'a stall') await call.closed;
  },
});

export const brokenStreamCases: readonly Case<FailoverBench>[] = dialects.flatMap((front) =>
  dialects.flatMap((back) => breaks.map((each) => caseOf(each, front, back))),
);
