import { describe, expect, test } from 'bun:test';
import { decisionOf } from '../../src/core/decision.ts';
import { readDecision } from '../../src/core/read-decision.ts';
import { answer, bench, chat, servedBy } from './scripted.ts';

const crashed = () => Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });

const failingOver = async (config: Record<string, unknown> = {}) => {
  const given = await bench(
    { a: { kind: 'ollama', priority: 1 }, b: { kind: 'ollama', priority: 2 } },
    config,
  );
  given.script('a').infer = crashed;
  given.script('b').infer = answer;
  return given;
};

describe('every request leaves a decision', () => {
  test('with both looks and both attempts of a failover, and its end', async () => {
    const { app, post, clock } = await failingOver();
    await servedBy(
      post('/api/chat', chat('m', { messages: [{ role: 'user', content: 'a private matter' }] })),
    );
    await clock.advance(0);
    const record = app.gateway.decisions.get('request-1');
    if (record === undefined) throw new Error('no decision was kept');
    const decision = decisionOf(record);
    expect(decision.rounds.map(({ chosen }) => chosen)).toEqual(['a', 'b']);
    expect(decision.rounds[1]?.rejected).toMatchObject([{ backend: 'a', kind: 'tried' }]);
    expect(decision.attempts.map(({ backend, outcome }) => [backend, outcome])).toEqual([
      ['a', 'crash'],
      ['b', 'served'],
    ]);
    expect(decision.end).toMatchObject({ outcome: 'done', code: '200', inputTokens: 3, outputTokens: 2 });
    expect(JSON.stringify(decision)).not.toContain('private');
    expect(JSON.stringify(decision)).not.toContain('internal');
    expect(readDecision(JSON.parse(JSON.stringify(decision)))).toMatchObject({ requestId: 'request-1' });
  });

  test('as a line of the log where that is wanted', async () => {
    const { logs, post, clock } = await failingOver({ log: { decisions: true } });
    await servedBy(post('/api/chat', chat()));
    await clock.advance(0);
    const lines = logs.map((line) => JSON.parse(line));
    expect(lines.filter(({ type }) => type === 'decision').length).toBe(1);
  });

  test('and none is kept where none shall be', async () => {
    const { app, post } = await failingOver({ decisions: { keep: 0 } });
    await servedBy(post('/api/chat', chat()));
    expect(app.gateway.decisions.get('request-1')).toBeUndefined();
  });
});
