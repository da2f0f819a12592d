import { afterEach, describe, expect, test } from 'bun:test';
import { autoTune } from '../../src/cli/commands/auto-tune.ts';
import { readConfigFile } from '../../src/cli/load-config.ts';
import { areaUnder, gainCurve } from '../../src/core/auto/quality.ts';
import { useModel } from '../../src/core/complexity/complexity.ts';
import { seededRandom } from '../../src/core/random.ts';
import { scorePrompt } from '../../src/gateway/scoring.ts';
import { judgedTraffic, ownPrompts, type Rule } from '../core/auto/own-traffic.ts';
import { answer, bench } from '../gateway/scripted.ts';
import { fakeRuntime } from './fake-runtime.ts';

afterEach(() => useModel(undefined));

/** The weak model knows nothing of ledgers, which no weights know. */
const rule: Rule = (prompt) =>
  prompt.includes('ledger') ? { weak: 0.3, strong: 0.9 } : { weak: 0.85, strong: 0.9 };

/** The area under the curve of prompts that nobody judged. */
const unseenArea = (): number => {
  const judged = ownPrompts(200, 2).map((prompt) => {
    const { weak, strong } = rule(prompt);
    return { score: scorePrompt(prompt).raw, gain: strong - weak, weight: 1 };
  });
  return areaUnder(gainCurve(judged) ?? []);
};

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Sends prompts through a gateway and says of each answer what the rule makes it worth; gives the log. */
const servedLog = async (prompts: readonly string[], keepsPrompts: boolean): Promise<string> => {
  const log: string[] = [];
  const feedback = { path: 'log.jsonl', prompts: keepsPrompts };
  const { app, script, post } = await bench(
    { box: { kind: 'ollama' } },
    { auto: { feedback } },
    undefined,
    undefined,
    {
      writeFeedback: (_path, line) => log.push(line),
    },
  );
  const box = script('box');
  box.models = ['llama3.2:3b', 'gpt-oss:20b'];
  box.infer = answer;
  for (const host of app.gateway.fleet.hosts()) await app.gateway.discovery.look(host);
  const random = seededRandom(3);
  for (const [index, content] of prompts.entries()) {
    const isHeavy = index % 4 === 0;
    const model = isHeavy ? 'auto:heavy' : 'auto:fast';
    const served = await post('/api/chat', { model, stream: true, messages: [{ role: 'user', content }] });
    await served.text();
    const { weak, strong } = rule(content);
    const score = Math.min(1, Math.max(0, (isHeavy ? strong : weak) + 0.4 * (random() - 0.5)));
    const said = await post('/v1/feedback', { request_id: served.headers.get('x-request-id'), score });
    expect(said.status).toBe(200);
    await said.text();
  }
  app.stop();
  return `${log.join('\n')}\n`;
};

describe('pointsman auto tune on served requests', () => {
  test('fits words to feedback, writes weights that the configuration takes, and they rank unseen prompts better', async () => {
    const log = await servedLog(ownPrompts(240, 1), true);
    const before = unseenArea();
    const runtime = fakeRuntime({ files: { 'log.jsonl': log, 'c.yaml': 'auto: { weights: own.json }\n' } });
    expect(await autoTune('log.jsonl', { weights: 'own.json', write: 'piece.yaml' }, runtime)).toBe(0);
    expect(runtime.printed()).toContain('240 of them with the prompt, they are better');
    expect(runtime.written['own.json']).not.toContain('ledger');
    await readConfigFile('c.yaml', runtime);
    expect(unseenArea()).toBeGreaterThan(before + 0.1);
  }, 60_000);

  test('the log holds no text unless that is allowed, and the parts of each score', async () => {
    const log = await servedLog(ownPrompts(3, 1), false);
    for (const line of log.trimEnd().split('\n')) {
      const entry = JSON.parse(line) as { parts: object; weights: string };
      expect(Object.keys(entry.parts)).toEqual([
        'learned',
        'words',
        'repetition',
        'sentence',
        'negations',
        'compounds',
        'programming',
        'questions',
      ]);
      expect(JSON.stringify(entry)).not.toMatch(/number|prompt|ledger/);
    }
  });

  test('shows both curves before it writes anything, also as JSON', async () => {
    const log = lines(judgedTraffic(ownPrompts(300, 1), rule, { seed: 1, keepsPrompts: true }));
    const runtime = fakeRuntime({ files: { 'log.jsonl': log } });
    expect(await autoTune('log.jsonl', {}, runtime)).toBe(0);
    expect(runtime.printed()).toMatch(
      /weights: fitted to 300[\s\S]*area 0\.\d+ by the weights in force[\s\S]*\*[\s\S]*with them, threshold/,
    );
    expect(Object.keys(runtime.written)).toEqual(['log.jsonl']);
    const asJson = fakeRuntime({ files: { 'log.jsonl': log } });
    await autoTune('log.jsonl', { json: true }, asJson);
    const { weights } = JSON.parse(asJson.printed()) as { weights: Record<string, unknown> };
    expect(weights).toMatchObject({ outcome: 'better', judged: 300, withText: 300 });
    expect(weights.file).toBeUndefined();
  }, 60_000);

  test('says so where fitted weights are no better, and writes the ranks of own requests alone', async () => {
    const random = seededRandom(5);
    const noise: Rule = () => ({ weak: 0.5 * random(), strong: random() });
    const log = lines(judgedTraffic(ownPrompts(300, 1), noise, { seed: 1, keepsPrompts: true }));
    const runtime = fakeRuntime({ files: { 'log.jsonl': log } });
    await autoTune('log.jsonl', { weights: 'own.json' }, runtime);
    expect(runtime.printed()).toContain('they are not surely better');
    expect(runtime.complained()).toContain('with the ranks of own requests alone');
    expect(runtime.written['own.json']).not.toContain('"blend"');
  }, 60_000);
});
