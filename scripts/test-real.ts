/**
 * `npm run test:real`: the cases any engine can show, against engines whose addresses are in the environment,
 * and the names of those that only a scripted engine shows, each with what it would take.
 */

import process from 'node:process';
import { CannotShow, type Engine, engineCases } from '../test/runtimes/engine-cases.ts';
import { type Pointsman, startPointsman } from '../test/runtimes/start-pointsman.ts';
import { groups } from '../test/runtimes/suite.ts';
import { targets } from '../test/runtimes/target.ts';

interface RealEngine {
  /** What its variables begin with. */
  readonly variable: string;
  readonly kind: Engine['kind'];
  readonly preset?: 'llama.cpp' | 'vllm' | 'lm-studio';
}

const engines: readonly RealEngine[] = [
  { variable: 'OLLAMA', kind: 'ollama' },
  { variable: 'DMR', kind: 'docker-model-runner' },
  { variable: 'LLAMACPP', kind: 'openai-compatible', preset: 'llama.cpp' },
  { variable: 'VLLM', kind: 'openai-compatible', preset: 'vllm' },
  { variable: 'LMSTUDIO', kind: 'openai-compatible', preset: 'lm-studio' },
];

const usage = `No engine is named. Give the address of at least one, and the model to ask, for example:
  OLLAMA_URL=http://127.0.0.1:11434 OLLAMA_MODEL=llama3.2:3b npm run test:real
The variables are ${engines.map(({ variable }) => `${variable}_URL`).join(', ')}, each with _MODEL beside it, and
_EMBEDDING_MODEL, _VISION_MODEL, _TOOLS_MODEL, _THINKING_MODEL and _KEY where they differ or are needed.
`;

const variable = (name: string): string | undefined => {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
};

/** A real model may have to be read from a disk first. */
const caseTimeoutMs = 600_000;

interface Listed {
  readonly id: string;
  readonly capabilities?: readonly string[];
}

const listedModels = async ({ origin }: Pointsman): Promise<readonly Listed[]> =>
  ((await (await fetch(`${origin}/v1/models`)).json()) as { readonly data: readonly Listed[] }).data;

/** The model for an ability: the named one, else the chat model unless it is known to lack it. */
const modelsOf = ({ variable: name }: RealEngine, listed: readonly Listed[]): Engine['models'] => {
  const isEmbedding = ({ id, capabilities }: Listed): boolean =>
    capabilities?.includes('embedding') ?? /embed|bge|minilm/i.test(id);
  const chat = variable(`${name}_MODEL`) ?? listed.find((model) => !isEmbedding(model))?.id;
  if (chat === undefined) throw new Error('it lists no model to chat with; name one');
  const known = listed.find(
    ({ id }) => id.replace(/:latest$/, '') === chat.replace(/:latest$/, ''),
  )?.capabilities;
  const able = (ability: 'tools' | 'thinking' | 'vision'): string | undefined =>
    variable(`${name}_${ability.toUpperCase()}_MODEL`) ??
    (known === undefined || known.includes(ability) ? chat : undefined);
  return {
    chat,
    tools: able('tools'),
    thinking: able('thinking'),
    vision: able('vision'),
    embedding: variable(`${name}_EMBEDDING_MODEL`) ?? listed.find(isEmbedding)?.id,
  };
};

interface Counts {
  passed: number;
  failed: number;
  notShown: number;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const within = async (work: Promise<void>, limitMs: number): Promise<void> => {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.reject(new Error(`took longer than ${limitMs / 1000} s`)), limitMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

const runCases = async (engine: Engine, counts: Counts): Promise<void> => {
  for (const { name, prove } of engineCases) {
    const startedAt = performance.now();
    try {
      await within(prove(engine), caseTimeoutMs);
      counts.passed += 1;
      say(`  pass    ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (error instanceof CannotShow) {
        counts.notShown += 1;
        say(`  cannot  ${name}: ${words}`);
      } else {
        counts.failed += 1;
        say(`  FAIL    ${name}\n${words.replaceAll(/^/gm, '            ')}`);
      }
    }
  }
};

const runEngine = async (real: RealEngine, url: string, counts: Counts): Promise<void> => {
  const backend = real.variable.toLowerCase();
  const apiKey = variable(`${real.variable}_KEY`);
  say(`\n${backend} (${real.preset ?? real.kind})`);
  const pointsman = await startPointsman(targets.bun, {
    backends: {
      [backend]: {
        kind: real.kind,
        url,
        ...(real.preset === undefined ? {} : { preset: real.preset }),
        ...(apiKey === undefined ? {} : { apiKey }),
      },
    },
  });
  try {
    const models = modelsOf(real, await listedModels(pointsman));
    say(`  asks ${[...new Set(Object.values(models).filter((model) => model !== undefined))].join(', ')}`);
    await runCases({ origin: pointsman.origin, backend, kind: real.kind, models }, counts);
  } catch (error) {
    counts.failed += 1;
    say(`  FAIL    ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await pointsman.stop();
  }
};

const tellScripted = (): number => {
  say('\nwhat an engine cannot show, and what it would take');
  let told = 0;
  for (const { title, needs, names } of groups) {
    if (needs === '') continue;
    say(`  ${title}: ${needs}`);
    for (const name of names) say(`    cannot  ${name}`);
    told += names.length;
  }
  return told;
};

const main = async (): Promise<number> => {
  const named = engines.flatMap((engine) => {
    const url = variable(`${engine.variable}_URL`);
    return url === undefined ? [] : [{ engine, url }];
  });
  if (named.length === 0) {
    process.stderr.write(usage);
    return 2;
  }
  const counts: Counts = { passed: 0, failed: 0, notShown: 0 };
  for (const { engine, url } of named) await runEngine(engine, url, counts);
  const scripted = tellScripted();
  say(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.notShown + scripted} cannot be shown`);
  return counts.failed > 0 ? 1 : 0;
};

if (import.meta.main) process.exitCode = await main();
