import { describe, expect, test } from 'bun:test';
import type { Call, Dialect, Turn, Wire } from './dialect.ts';
import { continuing, openaiResponses } from './dialects/openai-responses.ts';
import { dialects } from './dialects.ts';
import { type Failing, type Loop, runLoop } from './loop.ts';

const length = 20;

const wires = dialects.flatMap(({ id, wire }): (readonly [string, Wire])[] =>
  wire === undefined ? [] : [[id, wire]],
);

const pairs = wires.flatMap((first) =>
  wires.flatMap((second) => (first[0] === second[0] ? [] : [[first, second] as const])),
);

const failures: readonly Failing[] = ['refuses', 'is busy', 'breaks off'];

/** Two turns of each, time after time. */
const inTurns =
  (first: string | undefined) =>
  (turn: number, server: string): Failing | undefined =>
    (server === first) === turn % 4 < 2 ? failures[turn % failures.length] : undefined;

const withoutIds = (calls: readonly Call[]) =>
  calls.map(({ name, arguments: given }) => ({ name, arguments: given }));

/** What was said, without how each dialect writes it. */
const plain = (turns: readonly Turn[]) =>
  turns.map(({ role, text, calls, answers }) => ({
    role,
    text,
    ...(calls === undefined ? {} : { calls: withoutIds(calls) }),
    ...(answers === undefined ? {} : { answers }),
  }));

/** The clients whose dialect has a place for what another provider signed. */
const carriers: ReadonlySet<string> = new Set(['openai-responses', 'anthropic', 'gemini']);
const signers: ReadonlySet<string> = new Set(['anthropic', 'gemini']);

/** All that a server ever signed must be in what it is asked later. */
const expectSignatures = ({ served, signed }: Loop): void => {
  for (const [server, made] of signed) {
    if (!signers.has(server)) continue;
    const last = served.findLast((asked) => asked.server === server);
    const found = (last?.ask.turns ?? []).flatMap(({ signatures = [] }) =>
      signatures.filter((signature) => /^(signed|hidden)-by-/.test(signature)),
    );
    // Its last answer comes after its last question.
    expect(found).toEqual(made.slice(0, -1).flat());
  }
};

const clients: readonly (readonly [name: string, front: Dialect])[] = [
  ...dialects.map((dialect) => [dialect.id, dialect] as const),
  ['openai-responses by id', { ...openaiResponses, front: continuing(openaiResponses.front) }],
];

describe('a loop of 20 turns with tools', () => {
  for (const [client, front] of clients) {
    test.each(
      pairs.map(
        ([first, second], index) => [`${first[0]} and ${second[0]}`, [first, second], index] as const,
      ),
    )(
      `of a client of ${client} is the same before %s as before the first alone`,
      async (_name, servers, index) => {
        const stream = index % 2 === 0;
        const [first] = servers;
        const alone = await runLoop({
          front,
          servers: servers.slice(0, 1),
          length,
          failing: () => undefined,
          stream: !stream,
        });
        expect(alone.turns.filter(({ role }) => role === 'assistant')).toHaveLength(length);
        const loop = await runLoop({ front, servers, length, failing: inTurns(first?.[0]), stream });
        expect(plain(loop.turns)).toEqual(plain(alone.turns));
        for (const { ask, turns } of loop.served) expect(plain(ask.turns)).toEqual(plain(turns));
        for (const [name] of servers) {
          expect(loop.served.filter(({ server }) => server === name).length).toBeGreaterThan(4);
        }
        if (carriers.has(front.id)) expectSignatures(loop);
      },
    );
  }
});
