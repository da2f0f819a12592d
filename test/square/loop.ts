/** An agent's loop of many turns before two servers of different dialects, of which one fails now and then. */

import { checkConfig } from '../../src/config/check-config.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import type { FetchReply } from '../../src/spec/ports.ts';
import type { Answer, Ask, Call, Dialect, Tool, Turn, Wire } from './dialect.ts';

/** One call of a server. */
export interface Asked {
  readonly server: string;
  readonly ask: Ask;
  /** What the conversation was when it was asked, as its client knows it. */
  readonly turns: readonly Turn[];
}

/** What came of a loop. */
export interface Loop {
  /** The conversation as the client knows it, its last answer included. */
  readonly turns: readonly Turn[];
  readonly served: readonly Asked[];
  /** What each server signed, answer by answer. */
  readonly signed: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/** How a server fails before it says a word. */
export type Failing = 'refuses' | 'is busy' | 'breaks off';

export interface LoopOptions {
  readonly front: Dialect;
  readonly servers: readonly (readonly [name: string, wire: Wire])[];
  readonly length: number;
  /** How a server meets a turn; undefined where it serves. */
  readonly failing: (turn: number, server: string) => Failing | undefined;
  readonly stream: boolean;
}

const model = 'agent';

const tool: Tool = {
  name: 'step',
  description: 'Takes one step',
  parameters: { type: 'object', properties: { at: { type: 'integer' }, from: { type: 'string' } } },
};

/** What a tool finds depends on all it was asked. */
const resultOf = ({ arguments: given }: Call): string => `found ${JSON.stringify(given)} "${given.at}"\n…`;

/** The next answer follows from the whole conversation as the server reads it: a word lost would change the rest. */
const nextAnswer = (server: string, { turns }: Ask, length: number): Answer => {
  const at = turns.filter(({ role }) => role === 'assistant').length + 1;
  const from = turns.map(({ role, text, answers }) => `${role[0]}${answers ?? ''}${text.length}`).join('.');
  const signature = `signed-by-${server}-${at}`;
  const reasoning = `Think ${at}.`;
  const redacted = at % 5 === 0 ? `hidden-by-${server}-${at}` : undefined;
  const thought = { reasoning, signature, ...(redacted === undefined ? {} : { redacted }) };
  if (at === length) return { text: `Done after ${from}`, ...thought, finish: 'stop' };
  const calls = Array.from({ length: at % 3 === 0 ? 2 : 1 }, (_, index) => ({
    id: `call_${at}n${index}`,
    name: tool.name,
    arguments: { at, from: index === 0 ? from : `other ${index}` },
  }));
  return { text: at % 2 === 0 ? `Step ${at}` : '', ...thought, calls, finish: 'tool-calls' };
};

const failed = (how: Failing): FetchReply => {
  if (how === 'refuses') throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
  if (how === 'breaks off') return new Response('');
  return Response.json({ error: { message: 'overloaded', type: 'overloaded_error' } }, { status: 503 });
};

const answered = (wire: Wire, answer: Answer, stream: boolean): FetchReply =>
  stream ? new Response(new Blob([wire.parts(answer).join('')]).stream()) : Response.json(wire.whole(answer));

/** Long enough for a host that failed to be tried again. */
const betweenTurnsMs = 10_000;

const appFor = async (
  { servers }: LoopOptions,
  clock: VirtualClock,
  answer: (server: string, wire: Wire, ask: Ask) => FetchReply,
): Promise<PointsmanApp> => {
  const byName = new Map(servers);
  const backends = servers.map(([name, wire]) => [
    name,
    { url: `http://${name}.internal:1`, ...wire.backend },
  ]);
  const checked = checkConfig({
    backends: Object.fromEntries(backends),
    models: { [model]: { names: Object.fromEntries(servers.map(([name, wire]) => [name, wire.model])) } },
  } as Parameters<typeof checkConfig>[0]);
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  let names = 0;
  const app = createApp(checked.config, {
    ports: {
      clock,
      random: () => 0.5,
      ids: () => {
        names += 1;
        return `id-${names}`;
      },
      fetch: async (url, init) => {
        const { hostname, pathname, search } = new URL(url);
        const name = hostname.split('.')[0] ?? '';
        const wire = byName.get(name);
        if (wire === undefined) throw new Error(`no server ${name}`);
        if (init.method === 'POST') {
          const body = JSON.parse(new TextDecoder().decode(init.body)) as JsonObject;
          return answer(name, wire, wire.read(`${pathname}${search}`, body));
        }
        const page = wire.page(pathname);
        return page === undefined ? new Response('not found', { status: 404 }) : Response.json(page);
      },
    },
  });
  await app.gateway.discovery.settled();
  return app;
};

/** Runs a loop to its end. */
export const runLoop = async (options: LoopOptions): Promise<Loop> => {
  const { front, servers, length, failing, stream } = options;
  const served: Asked[] = [];
  const signed = new Map<string, (readonly string[])[]>(servers.map(([name]) => [name, []]));
  let turns: readonly Turn[] = [{ role: 'user', text: 'Go all the way' }];
  let turn = 0;
  const clock = createVirtualClock();
  const app = await appFor(options, clock, (name, wire, ask) => {
    const how = failing(turn, name);
    if (how !== undefined) return failed(how);
    served.push({ server: name, ask, turns });
    const answer = nextAnswer(name, ask, length);
    signed.get(name)?.push(wire.signed(answer));
    return answered(wire, answer, stream);
  });
  try {
    for (turn = 1; turn <= length; turn += 1) {
      await clock.advance(betweenTurnsMs);
      const { path, body } = front.front.write(
        { stream, system: 'Walk.', turns, tools: [tool], thinks: true },
        model,
      );
      const response = await app.fetch(
        new Request(`http://localhost:5010${path}`, {
          method: 'POST',
          headers: { host: 'localhost:5010', 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
      const bytes = await response.text();
      if (response.status !== 200) throw new Error(`turn ${turn}: ${response.status} ${bytes}`);
      const { text, calls, said, error } = front.front.hear(bytes, stream);
      if (error !== undefined) throw new Error(`turn ${turn}: ${error}`);
      const before = turns.flatMap((earlier) => earlier.calls ?? []).length;
      turns = [
        ...turns,
        { role: 'assistant', text, ...(calls.length === 0 ? {} : { calls }), said },
        ...calls.map(
          (call, index): Turn => ({ role: 'tool', text: resultOf(call), answers: before + index }),
        ),
      ];
    }
  } finally {
    app.stop();
  }
  return { turns, served, signed };
};
