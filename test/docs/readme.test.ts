/** Every command of the README is run, or at least proven to exist where a run of it is the whole test run itself. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startPointsman } from '../runtimes/start-pointsman.ts';
import { targets } from '../runtimes/target.ts';
import { type Demo, runLine, startDemo } from './commands.ts';
import { blocksOf, fileText, pageAt, root } from './pages.ts';

const readme = pageAt('README.md');
const blocks = blocksOf(readme);
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trimEnd().split('\n'));

const firstBlock = (language: string, holds: string): string => {
  const found = blocks.find((block) => block.language === language && block.text.includes(holds));
  if (found === undefined) throw new Error(`the README has no such block: ${holds}`);
  return found.text;
};

const scripts = (JSON.parse(fileText('package.json')) as { readonly scripts: Record<string, string> })
  .scripts;
const anyPort = ['--listen', '127.0.0.1:0'];

/** A cold load on the simulated processor takes seconds, as it does on a real one. */
const patienceMs = 60_000;

let demo: Demo;
let directory: string;
beforeAll(async () => {
  demo = await startDemo();
  directory = mkdtempSync(join(tmpdir(), 'pointsman-'));
  // The page's own file, but for an address that a test must not call.
  writeFileSync(
    join(directory, 'pointsman.yaml'),
    firstBlock('yaml', 'backends:').replace('10.0.0.7', '127.0.0.1'),
  );
}, patienceMs);
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await demo.pointsman.stop();
});

const argsOf = (line: string): readonly string[] =>
  line
    .split(' ')
    .slice(1)
    .map((arg) => (arg === 'pointsman.yaml' ? join(directory, arg) : arg));

const expectScript = (name: string): void => {
  const [, file = ''] = scripts[name]?.split(' ') ?? [];
  expect({ name, exists: file !== '' && existsSync(join(root, file)) }).toEqual({ name, exists: true });
};

const expectListening = async (target: keyof typeof targets, args: readonly string[]): Promise<string> => {
  const started = await startPointsman(targets[target], undefined, { args });
  const { out } = started.output;
  await started.stop();
  expect(out).toContain(' listens on http://127.0.0.1:');
  return out;
};

const expectStart = async (script: string, target: keyof typeof targets, start: string): Promise<void> => {
  expect(script).toBe(`${start} serve --or-demo`);
  await expectListening(target, ['serve', '--or-demo', ...anyPort]);
};

/** Runs a line that begins with `pointsman` to its end, with the demo as the instance it finds. */
const runPointsman = async (line: string) => {
  const env = { POINTSMAN_LISTEN: `127.0.0.1:${demo.pointsman.port}` };
  const { output, ended } = await startPointsman(targets.bun, undefined, { args: argsOf(line), env });
  return { code: await ended, ...output };
};

const runShown = (line: string) => runLine(demo.here(line));

/** In the order of the page, because a host that was killed stays dead. */
const entries: readonly (readonly [command: string, run: (line: string) => Promise<void> | void])[] = [
  [
    'npm ci && npm start',
    async () => {
      expect(existsSync(join(root, 'package-lock.json'))).toBe(true);
      await expectStart(scripts.start ?? '', 'bun', 'bun adapters/bun.ts');
    },
  ],
  ['npm ci && npm test', () => expectScript('test')],
  [
    'pointsman check',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(out).toMatch(/^gpu +up .* gpu /m);
      expect(code).toBe(0);
    },
  ],
  [
    'pointsman models --json',
    async (line) => {
      const { code, out } = await runPointsman(line);
      const { models } = JSON.parse(out) as { models: { model: string; backends: object[] }[] };
      expect(models.find(({ model }) => model === 'llama3.2:3b')?.backends.length).toBe(3);
      expect(code).toBe(0);
    },
  ],
  [
    'pointsman route --explain Hello --model llama3.2:3b',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(out).toContain('at arrival: expected_finish, gpu');
      expect(out).toMatch(/^1 +gpu +gpu /m);
      expect(code).toBe(0);
    },
  ],
  [
    'pointsman load llama3.2:3b',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(out).toMatch(/^gpu +loaded +/m);
      expect(code).toBe(0);
    },
  ],
  [
    'pointsman mode',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(out).toMatch(/^\* +hybrid +/m);
      expect(code).toBe(0);
    },
  ],
  [
    `curl -N http://127.0.0.1:5010/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"llama3.2:3b","stream":true,"messages":[{"role":"user","content":"Hello"}]}'`,
    async (line) => {
      const { out } = await runShown(line);
      expect(out.match(/^data: \{/gm)?.length).toBeGreaterThan(3);
      expect(out).toContain('"content":" gpu:"');
      expect(out.trimEnd()).toEndWith('data: [DONE]');
    },
  ],
  [
    'pointsman decisions',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(out).toMatch(/ llama3\.2:3b +gpu +done \(200\) /);
      expect(code).toBe(0);
    },
  ],
  [
    'curl -X POST http://127.0.0.1:5011/sim/kill',
    async (line) => {
      expect((await runShown(line)).out).toBe('{"killed":true}');
    },
  ],
  [
    `curl -sD - -o /dev/null http://127.0.0.1:5010/v1/chat/completions -d '{"model":"llama3.2:3b","messages":[{"role":"user","content":"Hello"}]}'`,
    async (line) => {
      const { out } = await runShown(line);
      expect(out).toStartWith('HTTP/1.1 200');
      const shown = firstBlock('', 'x-pointsman-backend: container').trimEnd().split('\n');
      // A probe may have seen the death first; then no attempt is lost on it.
      const seenBefore = out.includes('x-pointsman-attempts: 1');
      for (const header of seenBefore ? shown.slice(0, 2) : shown) expect(out).toContain(`${header}\r\n`);
    },
  ],
  [
    'pointsman serve --or-demo',
    async (line) => void (await expectListening('bun', [...argsOf(line), ...anyPort])),
  ],
  [
    'pointsman serve --config pointsman.yaml',
    async (line) => {
      const out = await expectListening('bun', [...argsOf(line), ...anyPort]);
      expect(out).toContain(`backends from ${join(directory, 'pointsman.yaml')}`);
      expect(out).toMatch(/^ +box +openai-compatible +gpu +down/m);
    },
  ],
  [
    'pointsman demo --listen 127.0.0.1:5010',
    async (line) => {
      await expectListening('bun', argsOf(line.replace('5010', '0')));
    },
  ],
  [
    'pointsman config print --config pointsman.yaml',
    async (line) => {
      const { code, out } = await runPointsman(line);
      expect(parse(out)).toMatchObject({
        listen: '127.0.0.1:5010',
        backends: { gpu: { slots: 2 }, box: { kind: 'openai-compatible' } },
      });
      expect(code).toBe(0);
    },
  ],
  [
    'pointsman config schema',
    async (line) =>
      expect(JSON.parse((await runPointsman(line)).out)).toEqual(
        JSON.parse(fileText('pointsman.schema.json')),
      ),
  ],
  [
    'pointsman sim-host --kind ollama --models llama3.2:3b --profile gpu',
    async (line) => {
      const host = await startPointsman(targets.bun, undefined, { args: argsOf(line) });
      const tags = (await (await fetch(`${host.origin}/api/tags`)).json()) as { models: { name: string }[] };
      await host.stop();
      expect(tags.models.map(({ name }) => name)).toEqual(['llama3.2:3b']);
    },
  ],
  [
    'pointsman version',
    async (line) => expect((await runPointsman(line)).out).toStartWith('pointsman 0.1.0 (bun '),
  ],
  ['npm run start:node', () => expectStart(scripts['start:node'] ?? '', 'node', 'tsx adapters/node.ts')],
  [
    'npm run start:deno',
    () => expectStart(scripts['start:deno'] ?? '', 'deno', 'deno run -A adapters/deno.ts'),
  ],
  ['bun install && bun start', () => expectScript('start')],
  [
    'deno task start',
    async () => {
      const config = JSON.parse(fileText('deno.json')) as { tasks: { start: string } };
      const { start } = config.tasks;
      const alone = '--node-modules-dir=none ';
      expect(start.replace('$(which deno)', 'deno').replace(alone, '')).toBe(scripts['start:deno'] ?? '');
      // The packages that are here, since the ones of Deno's own are not needed to see that the line is right.
      const installed = join(directory, 'deno.json');
      writeFileSync(installed, JSON.stringify({ ...config, tasks: { start: start.replace(alone, '') } }));
      const { name, runtime, command } = targets.deno;
      const task = ['task', '--config', installed, '--cwd', root, 'start'];
      const started = await startPointsman({ name, runtime, command: [command[0], ...task] }, undefined, {
        args: anyPort,
      });
      // The task hands it on; killed, it would leave its own child behind.
      started.child.kill('SIGTERM');
      await started.ended;
      expect(started.output.out).toContain(' listens on http://127.0.0.1:');
    },
  ],
  ['npm run build', () => expectScript('build')],
  ['npm run bench', () => expectScript('bench')],
  ['npm run chaos', () => expectScript('chaos')],
];

describe('the README', () => {
  test('holds no command that is not run here, and the other way round', () => {
    expect(commands.toSorted()).toEqual(entries.map(([command]) => command).toSorted());
  });

  for (const [command, run] of entries) {
    test(`does what it says: ${command.slice(0, 60)}`, async () => await run(command), patienceMs);
  }

  test('shows the banner as it is, but for widths that follow from other ports', () => {
    const words = (line: string): string => line.trim().replace(/\s+/g, ' ');
    const printed = demo.pointsman.output.out.split('\n').map(words);
    for (const [index, line] of firstBlock('', 'listens on').split('\n').entries()) {
      const [kept = '', cut] = words(demo.here(line)).split(' …');
      if (cut === undefined) expect(printed[index]).toBe(kept);
      else expect(printed[index]).toStartWith(kept);
    }
  });
});
