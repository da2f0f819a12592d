/**
 * Measures in a process of its own what a decision takes: the planner alone over drawn hosts, and the whole way from the
 * gateway's own records through the snapshot to the plan. Prints the times as JSON. Argument: how many of each in a round.
 */

import { parseConfig } from '../../src/config/parse.ts';
import { toSettings } from '../../src/config/settings.ts';
import { plan } from '../../src/core/plan.ts';
import { policies } from '../../src/core/policies.ts';
import { policyTable } from '../../src/core/policy-for.ts';
import { createDeparture } from '../../src/gateway/departure.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { portsWith } from '../../src/gateway/native-ports.ts';
import { receive } from '../../src/gateway/receive.ts';
import { resolve } from '../../src/gateway/resolve.ts';
import type { Resolved } from '../../src/gateway/stages.ts';
import { protocols } from '../../src/protocols/registry.ts';
import type { Scope } from '../../src/spec/principal.ts';
import type { GatewaySettings } from '../../src/spec/settings.ts';
import { drawnAsk, drawnFleet, firstRequestMs } from './drawn-fleet.ts';
import { median } from './figures.ts';
import { isPlaced, type PlannedFleet, type PlanTimes, plannedFleets } from './planned-fleets.ts';

const candidates = 16;

/** Before anything counts, so that the compilers are done. */
const warmRuns = 20_000;

/** What else the machine does only adds to times: the quietest round says most of what is measured. */
const rounds = 15;

const roundOf = (runs: number, run: (index: number) => void): PlanTimes => {
  const times = new Float64Array(runs);
  for (let index = 0; index < runs; index += 1) {
    const begunAt = Bun.nanoseconds();
    run(index);
    times[index] = (Bun.nanoseconds() - begunAt) / 1000;
  }
  times.sort();
  return { p50Us: median([...times]), p99Us: times[Math.floor(runs * 0.99)] ?? Number.NaN };
};

const timesOf = (runs: number, run: (index: number) => void): PlanTimes => {
  for (let index = 0; index < warmRuns; index += 1) run(index);
  const measured = Array.from({ length: rounds }, () => roundOf(runs, run));
  return {
    p50Us: Math.min(...measured.map(({ p50Us }) => p50Us)),
    p99Us: Math.min(...measured.map(({ p99Us }) => p99Us)),
  };
};

/** The planner alone: fleets and requests are drawn ahead. */
const planAlone = (runs: number): PlanTimes => {
  const fleets = Array.from({ length: 64 }, (_, seed) => drawnFleet(seed, candidates));
  const asks = Array.from({ length: 509 }, (_, seed) => drawnAsk(seed, firstRequestMs));
  return timesOf(runs, (index) => {
    const ask = asks[index % asks.length];
    const drawn = fleets[index % fleets.length];
    if (ask === undefined || drawn === undefined) return;
    plan(ask, { now: firstRequestMs, candidates: drawn }, policies.expected_finish, index);
  });
};

const configurationOf = (backends: number): string =>
  `backends:\n${Array.from(
    { length: backends },
    (_, index) => `  host-${index}: { kind: ollama, url: "http://host-${index}.internal:11434", slots: 4 }`,
  ).join('\n')}\n`;

/** Every engine lists its models and holds the first of them. */
const engines =
  (models: number, backends: number, hostsEach: number) =>
  async (url: string): Promise<Response> => {
    const { hostname, pathname } = new URL(url);
    if (pathname === '/api/version') return Response.json({ version: '0.33.0' });
    const host = Number(/\d+/.exec(hostname)?.[0]);
    const names = Array.from({ length: models }, (_, model) => model)
      .filter((model) => isPlaced(model, host, { backends, hostsEach }))
      .map((model) => ({ name: `model-${model}:latest`, model: `model-${model}:latest`, size: 4e9 }));
    return Response.json({ models: pathname === '/api/ps' ? names.slice(0, 1) : names });
  };

/** A conversation with each of so many models. */
const conversationsOf = (
  models: number,
  gateway: Gateway,
  settings: GatewaySettings,
): readonly Resolved[] => {
  const protocol = protocols.find(({ id }) => id === 'ollama');
  if (protocol === undefined) throw new Error('there is no dialect');
  const policies = policyTable(settings);
  return Array.from({ length: models }, (_, model) => {
    const request = new Request('http://localhost/api/chat', { method: 'POST' });
    const body = JSON.stringify({
      model: `model-${model}`,
      messages: [{ role: 'user', content: `Question ${model}: why is the sky blue?` }],
    });
    const received = {
      protocol,
      operation: 'chat',
      path: '/api/chat',
      bytes: new TextEncoder().encode(body),
      requestId: `${model}`,
      principal: { name: 'anonymous', scopes: new Set<Scope>(['inference']) },
      departure: createDeparture(request, undefined),
      headers: new Headers({ 'x-pointsman-session': `session ${model}` }),
      arrivedAt: 0,
      maxDepth: 64,
    } as const;
    const deps = { fleet: gateway.fleet, settings: () => settings, policies: () => policies };
    return resolve(receive({ ...received }), { ...deps, mode: () => 'hybrid', now: () => 0 });
  });
};

/** From the gateway's records to a plan, as every request does it. */
const wholeWay = async (
  { models, asked, backends, hostsEach }: PlannedFleet,
  runs: number,
): Promise<PlanTimes> => {
  const parsed = await parseConfig(configurationOf(backends), {
    env: () => undefined,
    readTextFile: () => Promise.reject(new Error('no file')),
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const settings = toSettings(parsed.config, new Set());
  const ports = portsWith({ fetch: engines(models, backends, hostsEach) });
  const gateway = createGateway(settings, ports, () => undefined);
  await gateway.discovery.settled();
  const conversations = conversationsOf(asked, gateway, settings);
  const hosts = gateway.fleet.hosts();
  for (const [index, host] of hosts.entries()) host.inflight = index % 4;
  const found = conversations[0]?.served?.placements.length;
  if (found !== hostsEach) throw new Error(`${found} hosts have the model instead of ${hostsEach}`);
  const times = timesOf(runs, (index) => {
    // A prime stride, so that neighbours do not warm each other.
    const resolved = conversations[(index * 7919) % conversations.length];
    if (resolved !== undefined) gateway.slots.look(resolved);
  });
  gateway.stop();
  return times;
};

const runs = Number(process.argv[2] ?? 5000);
const alone = planAlone(runs);
const whole: PlanTimes[] = [];
for (const fleet of plannedFleets) whole.push(await wholeWay(fleet, runs));
process.stdout.write(JSON.stringify({ alone, whole }));
