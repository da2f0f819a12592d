/** What every client must be able to do with every server: the columns of the square. */

import { deepStrictEqual, match, ok } from 'node:assert';
import type { Answer, Ask, Call, Front, Tool, Turn, Wire } from './dialect.ts';
import { leave, type Play, play } from './play.ts';

/** Throws where a client and a server do not understand each other. */
export type Column = (front: Front, wire: Wire) => Promise<void>;

const user = (text: string): Turn => ({ role: 'user', text });

const colours: Answer = {
  text: 'Blau, weil Luft kurze Wellen streut – 青 😀\n"so"',
  finish: 'stop',
  usage: { input: 7, output: 5 },
};

const conversation: readonly Turn[] = [
  user('Hello there'),
  { role: 'assistant', text: 'General greetings.' },
  user('Why is the sky "blue"?\n青?'),
];

const weather: Tool = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const clock: Tool = {
  name: 'get_time',
  description: 'The time in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' }, zone: { type: 'string' } } },
};

const paris: Call = { id: 'call_paris1', name: 'get_weather', arguments: { city: 'Paris "é"' } };
const rome: Call = { id: 'call_rome22', name: 'get_weather', arguments: { city: 'Rome' } };

const schema = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
};

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Ids and signatures are the dialects' own affair, as long as results find their calls. */
const withoutIds = (calls: readonly Call[] = []) =>
  calls.map(({ name, arguments: given }) => ({ name, arguments: given }));

const turnsOf = ({ turns }: Ask) =>
  turns.map(({ signatures: _own, ...turn }) => ({
    ...turn,
    ...(turn.calls === undefined ? {} : { calls: withoutIds(turn.calls) }),
  }));

/** Runs once for a whole answer and once for a stream. */
const bothWays =
  (ask: Omit<Ask, 'stream'>, answer: Answer, check: (played: Play, asked: Ask) => void): Column =>
  async (front, wire) => {
    for (const stream of [false, true]) {
      const asked = { ...ask, stream };
      const played = await play(front, wire, asked, { kind: 'answer', answer });
      deepStrictEqual(played.asked.stream, stream, 'whether the server is asked for a stream');
      check(played, asked);
    }
  };

const calling = (tools: readonly Tool[], calls: readonly Call[]): Column =>
  bothWays(
    { turns: [user('use your tools')], tools },
    { text: '', calls, finish: 'tool-calls', usage: { input: 9, output: 8 } },
    ({ asked, heard }, ask) => {
      deepStrictEqual(asked.tools, ask.tools, 'the tools on offer');
      deepStrictEqual(withoutIds(heard.calls), withoutIds(calls), 'the calls');
      deepStrictEqual(heard.finish, 'tool-calls', 'the reason of the end');
      const ids = heard.calls.map(({ id }) => id);
      deepStrictEqual(new Set(ids).size, ids.length, 'ids of calls are used once');
    },
  );

const text: Column = async (front, wire) => {
  const ask: Ask = { stream: false, system: 'Be "brief".', turns: conversation };
  const { asked, heard } = await play(front, wire, ask, { kind: 'answer', answer: colours });
  deepStrictEqual({ system: asked.system, turns: asked.turns }, { system: ask.system, turns: ask.turns });
  deepStrictEqual([heard.text, heard.finish, heard.calls], [colours.text, 'stop', []]);
};

const stream: Column = async (front, wire) => {
  const ask: Ask = { stream: true, system: 'Be "brief".', turns: conversation };
  const { asked, heard } = await play(front, wire, ask, { kind: 'answer', answer: colours });
  deepStrictEqual(asked.stream, true);
  deepStrictEqual([heard.text, heard.finish, heard.error], [colours.text, 'stop', undefined]);
  ok(heard.pieces > 1, 'the text comes in pieces');
};

const toolResults = bothWays(
  {
    turns: [
      user('Compare them'),
      { role: 'assistant', text: '', calls: [paris, rome] },
      { role: 'tool', text: '11 degrees', answers: 0 },
      { role: 'tool', text: '{"degrees":24}', answers: 1 },
      { role: 'assistant', text: 'Rome is warmer.' },
      user('By how much?'),
    ],
    tools: [weather],
  },
  { text: '13 degrees', finish: 'stop' },
  ({ asked, heard }, ask) => {
    deepStrictEqual(turnsOf(asked), turnsOf(ask));
    deepStrictEqual(heard.text, '13 degrees');
  },
);

const images = bothWays(
  { turns: [{ role: 'user', text: 'What is this?', pictures: [{ mediaType: 'image/png', data: png }] }] },
  { text: 'A dot', finish: 'stop' },
  ({ asked, heard }, ask) => {
    deepStrictEqual(asked.turns, ask.turns);
    deepStrictEqual(heard.text, 'A dot');
  },
);

const thinking = bothWays(
  { turns: [user('Think hard')], thinks: true },
  { text: '42', reasoning: 'Six times seven …', finish: 'stop' },
  ({ asked, heard }) => {
    deepStrictEqual(asked.thinks, true, 'the server is asked to think');
    deepStrictEqual([heard.reasoning, heard.text], ['Six times seven …', '42']);
  },
);

const structuredOutput = bothWays(
  { turns: [user('As JSON')], schema },
  { text: '{"answer":"42"}', finish: 'stop' },
  ({ asked, heard }) => {
    deepStrictEqual(asked.schema, schema);
    deepStrictEqual(JSON.parse(heard.text), { answer: '42' });
  },
);

const usage = bothWays(
  { turns: [user('Count')] },
  { text: 'One two', finish: 'stop', usage: { input: 17, output: 3 } },
  ({ heard }) => deepStrictEqual(heard.usage, { input: 17, output: 3 }),
);

const stop: Column = async (front, wire) => {
  const ask: Omit<Ask, 'stream'> = { turns: [user('Go on')], stop: ['END', '###'], maxTokens: 5 };
  for (const finish of ['stop', 'length'] as const) {
    await bothWays(ask, { text: 'And so', finish }, ({ asked, heard }) => {
      deepStrictEqual(heard.finish, finish, 'the reason of the end');
      deepStrictEqual(asked.maxTokens, 5, 'the token limit');
      deepStrictEqual(asked.stop, ask.stop, 'the stop sequences');
    })(front, wire);
  }
};

/** The client hears what was said, then an error, and never an end. */
const errorMidStream: Column = async (front, wire) => {
  const ask: Ask = { stream: true, turns: [user('Break')] };
  const reply = { kind: 'break', answer: colours, message: 'CUDA error: out of memory' } as const;
  const { heard } = await play(front, wire, ask, reply);
  ok(colours.text.startsWith(heard.text) && heard.text !== '', 'what was said before is kept');
  match(heard.error ?? '', /\w/, 'an error is told');
  deepStrictEqual(heard.finish, undefined, 'no end is made up');
};

const abort: Column = async (front, wire) => {
  const ask: Ask = { stream: true, turns: [user('Take your time')] };
  ok(await leave(front, wire, ask, colours), 'the server sees that the client left');
};

/** By the name it is shown under. */
export const columns: Readonly<Record<string, Column>> = {
  text,
  stream,
  tools: calling([weather], [paris]),
  'parallel tools': calling(
    [weather, clock],
    [paris, { ...rome, id: 'call_time333', name: 'get_time' }, rome],
  ),
  'tool results': toolResults,
  images,
  thinking,
  'structured output': structuredOutput,
  usage,
  stop,
  'error mid-stream': errorMidStream,
  abort,
};
