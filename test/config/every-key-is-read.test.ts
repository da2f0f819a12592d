import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import type { Config } from '../../src/config/schema.ts';
import { toSettings } from '../../src/config/settings.ts';
import { configKeys } from './config-keys.ts';
import { configOf } from './reading.ts';

/** A configuration whose names of choice are `*`, so that what is read of it is spelled as the keys are. */
const sample = async (): Promise<Config> => {
  const config = await configOf('backends: { box: { kind: ollama, url: "http://h" } }\nmodels: { m: {} }');
  return {
    ...config,
    backends: {
      '*': {
        ...config.backends.box,
        kind: 'ollama',
        url: 'http://h',
        priority: 1,
        keepAlive: {},
        price: { inputPerMillion: 0, outputPerMillion: 0 },
        models: { '*': {} },
      },
    },
    models: {
      '*': {
        aliases: [],
        names: {},
        localOnly: false,
        context: {},
        card: { price: { inputPerMillion: 0, outputPerMillion: 0 } },
      },
    },
    auto: { ...config.auto, groups: { '*': config.auto } },
  };
};

/** Wraps plain data so that every property that is read leaves its path in `seen`. */
const recording = <Value>(value: Value, seen: Set<string>, path = ''): Value => {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const child: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol') return child;
      const place = path === '' ? key : `${path}.${key}`;
      seen.add(place);
      return recording(child, seen, place);
    },
  });
};

const codeOf = (folders: readonly string[]): string => {
  const texts: string[] = [];
  for (const folder of folders) {
    const root = new URL(`../../src/${folder}/`, import.meta.url);
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts')) texts.push(readFileSync(new URL(name, root), 'utf8'));
    }
  }
  return texts.join('\n').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
};

/** Whether code takes a property of that name out of an object: by access, or by a pattern. */
const reads = (code: string, name: string): boolean =>
  new RegExp(`\\.${name}\\b(?!\\()`).test(code) ||
  new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\}\\s*(=(?![=>])|\\)\\s*=>|:\\s*[A-Z])`).test(code);

/** Settings reach the engines, the planner and the store; all else is read where people and processes come in. */
const behind = codeOf(['gateway', 'core', 'backends', 'state']);
/** Tiers are put together before anybody behind sees them. */
const tiers = readFileSync(new URL('../../src/config/auto-settings.ts', import.meta.url), 'utf8');
const inFront = codeOf(['http', 'cli', 'telemetry']);

const recorded = async (): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>();
  toSettings(recording(await sample(), seen), new Set());
  return seen;
};

const unread = (paths: readonly string[], settings: ReadonlySet<string>): readonly string[] =>
  paths.filter((path) => {
    const names = path.split(/\.|\[\]\.?/).filter((name) => name !== '*');
    const isPassedOn = settings.has(path) || path.includes('.constraints.');
    const code = isPassedOn ? behind + tiers : inFront;
    // What the front reads it reads of the configuration itself, so the way there has to be seen as well.
    const needed = isPassedOn ? names.slice(-1) : names;
    return !needed.every((name) => reads(code, name));
  });

describe('every key of the configuration', () => {
  test('is read by the code it is meant for', async () => {
    expect(
      unread(
        configKeys.map(({ path }) => path),
        await recorded(),
      ),
    ).toEqual([]);
  });

  test('of backends, models and the gateway reaches the settings', async () => {
    const settings = await recorded();
    const elsewhere = configKeys.map(({ path }) => path).filter((path) => !settings.has(path));
    expect(
      elsewhere.filter(
        (path) =>
          !/^(listen|insecure|timeouts\.drainMs|auto\.(weights|feedback\..*)|(auth|http|log)\..*)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  test('would be missed if nobody read it', async () => {
    const invented = [
      'zebra',
      'http.zebraBytes',
      'auth.keys[].zebra',
      'zebras.level',
      'backends.*.zebra',
      'timeouts.zebraMs',
    ];
    expect(unread(invented, await recorded())).toEqual(invented);
    expect(unread(['backends.*.zebra'], new Set(['backends.*.zebra']))).toEqual(['backends.*.zebra']);
  });

  test('is not taken for read because its name is called, written or mentioned', () => {
    expect(reads('Object.zebra(x); const y = { zebra: 1 }; f({ zebra }); "zebra"', 'zebra')).toBe(false);
    const reading = [
      'a.zebra;',
      'const { x, zebra } = a;',
      '({ zebra }) => 1',
      '({ zebra, y }: Options) => 1',
    ];
    expect(reading.filter((code) => !reads(code, 'zebra'))).toEqual([]);
  });
});
