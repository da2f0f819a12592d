/** What a person types and what comes back, from a directory that holds nothing. */

import { expect } from 'bun:test';
import { version } from '../../src/spec/version.ts';
import type { Case } from './case-group.ts';
import { at, eventsOf, ollama, openAi, post, type Wire } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, type StartOptions, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

export interface CommandLineBench {
  readonly target: Target;
  readonly engine: ScriptedEngine;
  /** Listens nowhere any more. */
  readonly gone: ScriptedEngine;
}

export const openCommandLineBench = async (target: Target): Promise<CommandLineBench> => {
  const engine = await startEngine({ kind: 'ollama', models: ['m', 'n'] });
  const gone = await startEngine({ kind: 'ollama', models: [] });
  await gone.close();
  return { target, engine, gone };
};

export const closeCommandLineBench = ({ engine }: CommandLineBench): Promise<void> => engine.close();

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs one command to its end. */
const run = async (
  { target }: CommandLineBench,
  args: readonly string[],
  config?: object,
  more: StartOptions = {},
): Promise<Ran> => {
  const pointsman = await startPointsman(target, config, { ...more, args });
  const code = await pointsman.ended;
  return { code, ...pointsman.output };
};

/** Runs several that have nothing to do with each other, side by side. */
const runAll = async (
  bench: CommandLineBench,
  commands: readonly (readonly string[])[],
  config?: object,
): Promise<readonly (Ran & { readonly args: readonly string[] })[]> =>
  Promise.all(commands.map(async (args) => ({ args, ...(await run(bench, args, config)) })));

const configOf = (engines: Readonly<Record<string, ScriptedEngine>>): object => ({
  listen: '127.0.0.1:1',
  backends: Object.fromEntries(
    Object.entries(engines).map(([id, { url }]) => [
      id,
      { kind: 'ollama', url, apiKey: 'canary-upstream-key-1a2b' },
    ]),
  ),
});

const untilStopped = async (
  { target }: CommandLineBench,
  config: object | undefined,
  args: readonly string[],
  look: (pointsman: Pointsman) => Promise<void>,
): Promise<void> => {
  const pointsman = await startPointsman(target, config, { args });
  try {
    expect(pointsman.output.err).toBe('');
    await look(pointsman);
  } finally {
    await pointsman.stop();
  }
};

export const commandLineCases: readonly Case<CommandLineBench>[] = [
  {
    name: 'help tells what there is, with examples and exit codes',
    prove: async (bench) => {
      const [whole, serve] = await runAll(bench, [['--help'], ['serve', '--help']]);
      expect(whole).toMatchObject({ code: 0, err: '' });
      for (const word of [
        'serve',
        'demo',
        'sim-host',
        'check',
        'models',
        'config',
        'version',
        'Examples',
        'Exit codes',
      ]) {
        expect(whole?.out).toContain(word);
      }
      expect(serve?.code).toBe(0);
      for (const word of ['--config', '--listen', '--or-demo', '--insecure'])
        expect(serve?.out).toContain(word);
    },
  },
  {
    name: 'a command or an option that does not exist is a usage error',
    prove: async (bench) => {
      const commands = [['sreve'], ['serve', '--lisen', 'x'], ['serve', '--listen', 'nowhere']];
      for (const { args, code, err } of await runAll(bench, commands, configOf({ engine: bench.engine }))) {
        expect({ args, code }).toEqual({ args, code: 2 });
        expect(err).not.toBe('');
        expect(err).not.toMatch(/\n\s+at /);
      }
    },
  },
  {
    name: 'the version is told to people and to scripts',
    prove: async (bench) => {
      const json = await run(bench, ['version', '--json']);
      expect(json).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(json.out)).toMatchObject({ version, runtime: bench.target.runtime });
    },
  },
  {
    name: 'the schema of the configuration is printed as JSON, and the configuration with its secrets masked',
    prove: async (bench) => {
      const schema = await run(bench, ['config', 'schema']);
      expect(schema).toMatchObject({ code: 0, err: '' });
      expect(at(JSON.parse(schema.out), 'properties', 'backends')).toBeObject();
      const commands = [
        ['config', 'print', '--config', 'pointsman.yaml'],
        ['config', 'print', '--json'],
      ];
      for (const printed of await runAll(bench, commands, configOf({ engine: bench.engine }))) {
        expect(printed).toMatchObject({ code: 0, err: '' });
        expect(printed.out).toContain(bench.engine.url);
        expect(printed.out).not.toContain('canary');
      }
    },
  },
  {
    name: 'check shows every backend, and exits with 1 when something is down',
    prove: async (bench) => {
      const some = configOf({ engine: bench.engine, gone: bench.gone });
      const [fine, down, json] = await Promise.all([
        run(bench, ['check'], configOf({ engine: bench.engine })),
        run(bench, ['check'], some),
        run(bench, ['check', '--json'], some),
      ]);
      expect(fine.code).toBe(0);
      for (const word of ['BACKEND', 'engine', 'up', '0.33.0', bench.engine.url, 'gpu'])
        expect(fine.out).toContain(word);
      expect(down.code).toBe(1);
      expect(down.out).toContain('connection refused');
      expect(json.code).toBe(1);
      expect(JSON.parse(json.out)).toMatchObject({
        status: 'degraded',
        backends: [{ state: 'up' }, { state: 'down' }],
      });
    },
  },
  {
    name: 'models shows which backend has which model, from the hosts or from a Pointsman that runs',
    prove: async (bench) => {
      const direct = await run(bench, ['models'], configOf({ engine: bench.engine }));
      expect(direct.code).toBe(0);
      expect(direct.out).toMatch(/MODEL +ENGINE/);
      expect(direct.out).toMatch(/^m +loaded$/m);
      await untilStopped(
        bench,
        configOf({ engine: bench.engine }),
        ['serve', '--listen', '127.0.0.1:0'],
        async ({ origin }) => {
          const [asked, checked, elsewhere] = await runAll(bench, [
            ['models', '--json', '--url', origin],
            ['check', '--url', origin],
            ['check', '--url', 'http://127.0.0.1:1'],
          ]);
          expect(asked?.code).toBe(0);
          const { models } = JSON.parse(asked?.out ?? '') as { readonly models: readonly Wire[] };
          expect(models.map(({ model }) => model)).toEqual(['m', 'n']);
          expect([checked?.code, elsewhere?.code]).toEqual([0, 1]);
        },
      );
    },
  },
  {
    name: 'a bad configuration is an error that names the path and what was meant',
    prove: async (bench) => {
      const config = {
        backends: { gpu: { kind: 'ollama', url: bench.engine.url, slotz: 2 } },
        strategy: 'priorty',
      };
      const commands = [['serve'], ['check'], ['models'], ['config', 'print']];
      for (const { args, code, out, err } of await runAll(bench, commands, config)) {
        expect({ args, code, out }).toEqual({ args, code: 2, out: '' });
        expect(err).toMatch(/backends\.gpu\.slotz.*did you mean .?slots/);
        expect(err).toMatch(/strategy.*did you mean .?priority/);
      }
      const missing = await run(bench, ['serve', '--config', 'nowhere.yaml']);
      expect(missing.code).toBe(2);
      expect(missing.err).toContain('nowhere.yaml');
    },
  },
  {
    name: 'serve with nothing to route to says what to do and exits with 2',
    prove: async (bench) => {
      const { code, out, err } = await run(bench, ['serve', '--listen', '127.0.0.1:0']);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      for (const word of ['nothing to route to', 'ollama serve', 'OLLAMA_HOST=', 'pointsman.yaml', 'demo']) {
        expect(err).toContain(word);
      }
    },
  },
  {
    name: 'a simulated host that resets a connection shows neither its source nor a stack',
    prove: async (bench) => {
      const args = ['sim-host', '--listen', '127.0.0.1:0', '--fault', 'reset'];
      await untilStopped(bench, undefined, args, async ({ origin, output }) => {
        const answer = fetch(`${origin}/api/chat`, { method: 'POST', body: '{}' }).then((reply) =>
          reply.text(),
        );
        expect(
          await answer.then(
            () => 'answered',
            () => 'reset',
          ),
        ).toBe('reset');
        expect((await fetch(`${origin}/sim/stats`)).status).toBe(200);
        expect(output.err).not.toMatch(/\d \| |^\s+at /m);
      });
    },
  },
  {
    name: 'an address others can reach is refused without a key, unless it is meant',
    prove: async (bench) => {
      const config = configOf({ engine: bench.engine });
      const commands = ['0.0.0.0:0', '[::]:0'].map((address) => ['serve', '--listen', address]);
      for (const { args, code, err } of await runAll(bench, commands, config)) {
        expect({ args, code }).toEqual({ args, code: 2 });
        expect(err).toContain('no key is configured');
        expect(err).toContain('--insecure');
      }
      await untilStopped(
        bench,
        config,
        ['serve', '--listen', '0.0.0.0:0', '--insecure'],
        async ({ origin }) => {
          expect((await fetch(`${origin}/livez`)).status).toBe(200);
        },
      );
      const keyed = { ...config, auth: { keys: [{ name: 'app', key: 'long-enough-key' }] } };
      await untilStopped(bench, keyed, ['serve', '--listen', '0.0.0.0:0'], async ({ origin }) => {
        expect((await fetch(`${origin}/api/tags`)).status).toBe(401);
      });
    },
  },
  {
    name: 'a port that is in use is told as that',
    prove: async (bench) => {
      const listen = `127.0.0.1:${bench.engine.port}`;
      const { code, err } = await run(
        bench,
        ['serve', '--listen', listen],
        configOf({ engine: bench.engine }),
      );
      expect(code).toBe(2);
      expect(err).toContain('the port is in use');
    },
  },
  {
    name: 'the environment alone names engines',
    prove: async (bench) => {
      const env = { OLLAMA_HOST: bench.engine.url, POINTSMAN_LISTEN: '127.0.0.1:0' };
      const pointsman = await startPointsman(bench.target, undefined, { args: ['serve'], env });
      const { models } = (await (await fetch(`${pointsman.origin}/api/tags`)).json()) as {
        models: readonly Wire[];
      };
      await pointsman.stop();
      expect(models.map(({ name }) => name)).toEqual(['m', 'n']);
    },
  },
  {
    name: 'the banner holds lines to paste, and the curl line streams',
    prove: async (bench) => {
      await untilStopped(
        bench,
        configOf({ engine: bench.engine }),
        ['serve', '--listen', '127.0.0.1:0'],
        async ({ origin, output }) => {
          expect(output.out).toContain(`${origin}/v1`);
          expect(output.out).toContain(`OLLAMA_HOST=${origin.replace('http://', '')}`);
          const [, url = '', body = ''] = /curl -N (\S+) .*-d '([^']+)'/.exec(output.out) ?? [];
          bench.engine.answer((call) => {
            call.begin(ollama.streamType);
            call.write(ollama.text('Hello') + ollama.end);
            call.end();
          });
          const answer = await (
            await post(url.replace('/v1/chat/completions', ''), '/v1/chat/completions', body)
          ).text();
          expect(openAi.read(answer)).toMatchObject({ text: 'Hello', complete: true });
        },
      );
    },
  },
  {
    name: 'a newcomer without any engine gets simulated hosts that answer, and is told that they are simulated',
    prove: async (bench) => {
      const pointsman = await startPointsman(bench.target, undefined, {
        args: ['serve', '--or-demo', '--listen', '127.0.0.1:0'],
      });
      try {
        const { origin, output } = pointsman;
        expect(output.out).toContain('simulated');
        expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({
          status: 'ok',
          simulated: true,
        });
        const { data } = (await (await fetch(`${origin}/v1/models`)).json()) as { data: readonly Wire[] };
        expect(data.every(({ simulated }) => simulated === true)).toBe(true);
        const [, body = ''] = /curl -N .*-d '([^']+)'/.exec(output.out) ?? [];
        const stream = await (await post(origin, '/v1/chat/completions', body)).text();
        expect(openAi.read(stream).text).not.toBe('');
        expect(eventsOf(stream).data.at(-1)).toBe('[DONE]');
        pointsman.child.kill('SIGINT');
        expect(await pointsman.ended).toBe(0);
      } finally {
        await pointsman.stop();
      }
    },
  },
];
