import { parseConfig } from '../../src/config/parse.ts';
import type { Config } from '../../src/config/schema.ts';

const environment: Readonly<Record<string, string>> = {
  BOX_KEY: 'sk-box-0123456789',
  SLOTS: '4',
  QUIET: 'true',
  EMPTY: '',
  NASTY: 'a: {b}\n# "c"',
};

const files: Readonly<Record<string, string>> = { '/run/secrets/box': '  sk-from-a-file\n' };

/** A small environment and one secret file. */
export const sources = {
  env: (name: string) => environment[name],
  readTextFile: (path: string) =>
    files[path] === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(files[path]),
};

/** The configuration a text gives; throws its problems. */
export const configOf = async (text: string): Promise<Config> => {
  const parsed = await parseConfig(text, sources);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
};

/** The problems of a text; none when it is good. */
export const problemsOf = async (text: string): Promise<readonly string[]> => {
  const parsed = await parseConfig(text, sources);
  return 'problems' in parsed ? parsed.problems : [];
};

/** An expansion, written so that it is not taken for one of JavaScript. */
export const from = (inner: string): string => `\${${inner}}`;

/** A file with one backend called `box` with further fields. */
export const backend = (fields: string): string =>
  `backends: { box: { kind: ollama, url: "http://127.0.0.1:11434", ${fields} } }`;
