import { afterEach, describe, expect, test } from 'bun:test';
import { createBoundedLog } from '../../src/cli/bounded-log.ts';
import { analyze } from '../../src/cli/commands/analyze.ts';
import { autoEval, autoScore } from '../../src/cli/commands/auto.ts';
import { autoTune } from '../../src/cli/commands/auto-tune.ts';
import { CommandFailure } from '../../src/cli/exit.ts';
import { readConfigFile } from '../../src/cli/load-config.ts';
import { builtInWeights } from '../../src/core/complexity/built-in-weights.ts';
import { complexityOf, useModel } from '../../src/core/complexity/complexity.ts';
import { useWeights } from '../../src/gateway/complexity-weights.ts';
import { fakeRuntime } from './fake-runtime.ts';

afterEach(() => useModel(undefined));

const failure = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
  throw new Error('nothing failed');
};

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const hard = (index: number): string =>
  `Which of the statements about number ${index} is not false, and why does the other one never hold? Wrong, Not wrong, both or neither.`;

const judged = Array.from({ length: 40 }, (_, index) => ({
  id: `row:${index}`,
  source: index < 20 ? 'first' : 'second',
  prompt: index % 2 === 0 ? hard(index) : `Name number ${index}.`,
  weak: index % 2 === 0 ? 0 : 1,
  strong: 1,
}));

describe('pointsman auto score', () => {
  test('writes a line with id and score for each row, higher where it is harder', async () => {
    const runtime = fakeRuntime({ files: { 'rows.jsonl': lines(judged) } });
    await autoScore('rows.jsonl', {}, runtime);
    const printed = runtime.printed().trimEnd().split('\n');
    expect(printed).toHaveLength(40);
    const scores = printed.map((line) => Number(line.split(',')[1]));
    expect(printed[0]?.startsWith('row:0,')).toBe(true);
    expect(scores[0]).toBeGreaterThan(scores[1] ?? Infinity);
  });

  test('names the file and the row that is none', async () => {
    const files = { 'rows.jsonl': '{"id":1,"prompt":"a"}\n{"id":2}\n', 'no.jsonl': 'x\n' };
    const runtime = fakeRuntime({ files });
    expect(await failure(autoScore('rows.jsonl', {}, runtime))).toContain('rows.jsonl: row 2');
    expect(await failure(autoScore('no.jsonl', {}, runtime))).toContain('no.jsonl: line 1');
    expect(await failure(autoScore('missing.jsonl', {}, runtime))).toContain('missing.jsonl');
  });

  test('takes other weights, and refuses a broken file with its path', async () => {
    const own = { ...builtInWeights, general: 50 };
    const files = { 'rows.jsonl': lines(judged), 'own.json': JSON.stringify(own), 'bad.json': '{}' };
    const runtime = fakeRuntime({ files });
    await autoScore('rows.jsonl', { weights: 'own.json' }, runtime);
    expect(Number(runtime.printed().split('\n')[0]?.split(',')[1])).toBeGreaterThan(5);
    expect(await failure(autoScore('rows.jsonl', { weights: 'bad.json' }, runtime))).toContain('bad.json: ');
  });
});

describe('pointsman auto eval', () => {
  test('prints figures by source and a curve, and writes a picture', async () => {
    const runtime = fakeRuntime({ files: { 'rows.jsonl': lines(judged) } });
    await autoEval('rows.jsonl', { svg: 'curve.svg' }, runtime);
    const printed = runtime.printed();
    expect(printed).toMatch(/SOURCE +PROMPTS +APGR +CPT50 +CPT80/);
    expect(printed).toMatch(/first +20 +0\.7\d\d/);
    expect(printed).toMatch(/all +40/);
    expect(printed).toContain('*');
    expect(runtime.written['curve.svg']).toMatch(/^<svg [\s\S]*<polyline[\s\S]*<\/svg>\n$/);
  });

  test('prints the same as JSON', async () => {
    const runtime = fakeRuntime({ files: { 'rows.jsonl': lines(judged) } });
    await autoEval('rows.jsonl', { json: true }, runtime);
    const { sources, curve } = JSON.parse(runtime.printed()) as { sources: object[]; curve: object[] };
    expect(sources).toHaveLength(3);
    expect(curve.length).toBeGreaterThan(2);
  });

  test('needs rows in which the strong model gains', async () => {
    const runtime = fakeRuntime({ files: { 'rows.jsonl': lines([{ id: 'a', prompt: 'b' }]) } });
    expect(await failure(autoEval('rows.jsonl', {}, runtime))).toContain('weak and strong');
  });
});

const entry = (complexity: number, tier: number, score: number, group = 'auto') => ({
  atUnixMs: 1,
  requestId: 'r',
  kind: 'feedback',
  score,
  group,
  model: 'm',
  tier,
  tiers: 2,
  task: 'chat',
  complexity,
});

/** The weak tier is good up to 0.5 and bad beyond; the strong one is good throughout. */
const traffic = Array.from({ length: 200 }, (_, index) => {
  const complexity = (index % 100) / 100;
  const tier = index < 100 ? 0 : 1;
  return entry(complexity, tier, tier === 1 || complexity < 0.5 ? 0.95 : 0.1);
});

describe('pointsman auto tune', () => {
  test('finds where the weak tier begins to fail, and shows the curve', async () => {
    const runtime = fakeRuntime({ files: { 'log.jsonl': lines(traffic) } });
    expect(await autoTune('log.jsonl', {}, runtime)).toBe(0);
    expect(runtime.printed()).toContain('threshold 0.50: sends 50 % of these requests');
    expect(runtime.printed()).toContain('*');
    expect(Object.keys(runtime.written)).toEqual(['log.jsonl']);
  });

  test('writes a piece of configuration where it is told to', async () => {
    const own = traffic.map((each) => ({ ...each, group: 'coding' }));
    const runtime = fakeRuntime({ files: { 'log.jsonl': lines(own) } });
    expect(await autoTune('log.jsonl', { group: 'coding', write: 'piece.yaml' }, runtime)).toBe(0);
    expect(runtime.written['piece.yaml']).toBe('auto:\n  groups:\n    coding:\n      threshold: 0.5\n');
  });

  test('writes weights with the ranks of own traffic, by which the threshold is named then', async () => {
    const low = traffic.map((each) => ({ ...each, complexity: each.complexity / 2, score: each.score }));
    const runtime = fakeRuntime({ files: { 'log.jsonl': lines(low) } });
    const options = { weights: 'own.json', write: 'piece.yaml' };
    expect(await autoTune('log.jsonl', options, runtime)).toBe(0);
    expect(runtime.written['piece.yaml']).toBe('auto:\n  weights: "own.json"\n  threshold: 0.4\n');
    const before = complexityOf([hard(1)]).value;
    expect(useWeights(runtime.written['own.json'])).toBeUndefined();
    expect(complexityOf([hard(1)]).value).toBeGreaterThanOrEqual(before);
    expect(complexityOf(['Who wrote the Iliad?']).value).toBeGreaterThan(0.35);
  });

  test('writes no weights from few judgements', async () => {
    const runtime = fakeRuntime({
      files: { 'log.jsonl': lines(traffic.filter((_, index) => index % 4 === 0)) },
    });
    expect(await failure(autoTune('log.jsonl', { weights: 'own.json' }, runtime))).toContain('at least 100');
    expect(runtime.written['own.json']).toBeUndefined();
  });

  test('says so where too little was said, and passes over what is no feedback', async () => {
    const runtime = fakeRuntime({ files: { 'log.jsonl': `${lines(traffic.slice(0, 5))}{"x":1}\n` } });
    expect(await autoTune('log.jsonl', {}, runtime)).toBe(1);
    expect(runtime.printed()).toContain('too little was said');
    expect(runtime.complained()).toContain('1 lines are no feedback');
  });
});

describe('pointsman analyze', () => {
  test('prints what a running instance finds', async () => {
    const page = {
      analysis: {
        task: { value: 'code', confidence: 0.8 },
        complexity: { value: 0.42, confidence: 0.5 },
        language: { value: 'en', confidence: 0.9 },
        domain: { value: 'software', confidence: 0.7 },
        input: { value: ['text'], confidence: 1 },
        output: { value: 'text', confidence: 1 },
        structured: { value: 'none', confidence: 1 },
        tools: { value: false, confidence: 1 },
        inputTokens: { value: 12, confidence: 0.8 },
        outputTokens: { value: 400, confidence: 0.4 },
        needs: [],
      },
      words: [{ word: 'why', moves: 0.1 }],
      choice: {
        group: 'auto',
        why: 'auto: small (complexity 0.42, code), gpu',
        chosen: { model: 'a', backend: 'box', tier: 'small' },
        runnerUp: { model: 'b', backend: 'box', tier: 'large' },
        rejected: [{ backend: 'off', upstream: 'c', kind: 'unavailable', reason: 'it is down' }],
      },
    };
    const runtime = fakeRuntime({ answer: () => ({ json: page }) });
    await analyze('why?', { url: 'http://here' }, runtime);
    expect(runtime.calls[0]).toMatchObject({ url: 'http://here/api/v1/analyze', body: { model: 'auto' } });
    const printed = runtime.printed();
    for (const text of [
      'code (80 % sure)',
      '0.42',
      'why +0.10',
      'a on box (small)',
      'b on box (large)',
      'c on off: it is down',
    ])
      expect(printed).toContain(text);
  });

  test('without an instance prints what the prompt says by itself', async () => {
    const runtime = fakeRuntime({ files: { 'c.yaml': 'listen: 127.0.0.1:5010\n' } });
    await analyze('Write a Python function', { config: 'c.yaml' }, runtime);
    expect(runtime.printed()).toContain('task         code');
    expect(runtime.printed()).toContain('choice       none');
    expect(runtime.complained()).toContain('no Pointsman runs');
  });
});

describe('a file of weights in the configuration', () => {
  const start = (weights: string | undefined): Promise<unknown> => {
    const files = {
      'c.yaml': 'auto: { weights: own.json }\n',
      ...(weights === undefined ? {} : { 'own.json': weights }),
    };
    return readConfigFile('c.yaml', fakeRuntime({ files }));
  };

  test('is taken', async () => {
    await start(JSON.stringify(builtInWeights));
  });

  for (const [what, text] of [
    ['missing', undefined],
    ['no JSON', 'weights'],
    ['cut', JSON.stringify(builtInWeights).slice(0, 5000)],
    ['another file', '{"format":"other"}'],
  ] as const) {
    test(`that is ${what} refuses the start with its path`, async () => {
      expect(await failure(start(text))).toContain('own.json');
    });
  }
});

describe('a bounded log', () => {
  test('keeps the newest lines within its size', async () => {
    const runtime = fakeRuntime({});
    const write = createBoundedLog(runtime);
    for (let index = 0; index < 100; index += 1) write('log', `line ${index}`, 200);
    for (let turn = 0; turn < 2000; turn += 1) await Promise.resolve();
    const text = runtime.written.log ?? '';
    expect(text.length).toBeLessThanOrEqual(200);
    expect(text.endsWith('line 99\n')).toBe(true);
    expect(text.startsWith('line ')).toBe(true);
  });

  test('that cannot be written is told of once', async () => {
    const runtime = fakeRuntime({});
    const write = createBoundedLog({ ...runtime, appendTextFile: () => Promise.reject(new Error('full')) });
    for (let index = 0; index < 5; index += 1) write('log', 'x', 200);
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    expect(runtime.complained()).toBe('log: cannot be written; feedback is lost\n');
  });
});
