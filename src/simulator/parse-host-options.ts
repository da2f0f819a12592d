/** The flags of a simulated host, read strictly: a flag that is wrong is named, with what was probably meant. */

import { closest, distance } from 'fastest-levenshtein';
import { parseByteSize } from './byte-size.ts';
import { catalogueNames, simulatedModel } from './catalogue.ts';
import { type Fault, faultNames } from './faults.ts';
import type { SimulatedHostOptions } from './host-settings.ts';

/** Options, or what is wrong with the flags, one sentence each. */
export type ParsedHostOptions =
  | { readonly options: SimulatedHostOptions }
  | { readonly problems: readonly string[] };

/** Beyond this many edits a suggestion is a guess that only confuses. */
const nearEdits = 4;

const suggestion = (text: string, known: readonly string[]): string => {
  const near = closest(text, [...known]);
  return distance(text, near) <= nearEdits ? ` (did you mean '${near}'?)` : ` (known: ${known.join(', ')})`;
};

interface Reader {
  readonly problems: string[];
  readonly flags: Readonly<Record<string, string>>;
}

const choose = <T extends string>(reader: Reader, flag: string, known: readonly T[]): T | undefined => {
  const text = reader.flags[flag];
  if (text === undefined) return undefined;
  const found = known.find((name) => name === text);
  if (found === undefined) reader.problems.push(`--${flag}: unknown '${text}'${suggestion(text, known)}`);
  return found;
};

const size = (reader: Reader, flag: string): number | undefined => {
  const text = reader.flags[flag];
  if (text === undefined) return undefined;
  const bytes = parseByteSize(text);
  if (bytes === undefined) reader.problems.push(`--${flag}: '${text}' is no size such as 24GiB`);
  return bytes;
};

const number = (reader: Reader, flag: string, least: number, kind: 'whole' | 'any'): number | undefined => {
  const text = reader.flags[flag];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value) || value < least || (kind === 'whole' && !Number.isInteger(value))) {
    reader.problems.push(
      `--${flag}: '${text}' is no ${kind === 'whole' ? 'whole ' : ''}number of at least ${least}`,
    );
    return undefined;
  }
  return value;
};

const list = (reader: Reader, flag: string): readonly string[] | undefined => {
  const text = reader.flags[flag];
  if (text === undefined) return undefined;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  for (const name of names) {
    if (simulatedModel(name) === undefined) {
      reader.problems.push(
        `--${flag}: '${name}' is no model; write name or name=4GiB, for example ${catalogueNames[0]}`,
      );
    }
  }
  if (names.length === 0) reader.problems.push(`--${flag}: names no model`);
  return names;
};

const readFault = (reader: Reader): readonly Fault[] | undefined => {
  const text = reader.flags.fault;
  if (text === undefined) return undefined;
  const [name = '', after] = text.split(':', 2);
  const fault = faultNames.find((known) => known === name);
  if (fault === undefined) {
    reader.problems.push(`--fault: unknown '${name}'${suggestion(name, faultNames)}`);
    return undefined;
  }
  if (after === undefined) return [{ fault }];
  const tokens = Number(after);
  if (after === '' || !Number.isInteger(tokens) || tokens < 0) {
    reader.problems.push(`--fault: '${text}' must end in a whole number of tokens`);
  }
  return [{ fault, after: tokens }];
};

const flagNames = [
  'kind',
  'preset',
  'name',
  'vram',
  'ram',
  'slots',
  'models',
  'preload',
  'profile',
  'engine',
  'fault',
  'seed',
  'speedup',
  'version',
];

const present = <T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** Every problem at once, so that a command line is put right in one go. */
export const parseHostOptions = (flags: Readonly<Record<string, string>>): ParsedHostOptions => {
  const reader: Reader = { problems: [], flags };
  for (const flag of Object.keys(flags)) {
    if (!flagNames.includes(flag)) {
      reader.problems.push(`--${flag}: unknown flag${suggestion(flag, flagNames)}`);
    }
  }
  const kind =
    choose(reader, 'kind', [
      ...(['ollama', 'docker-model-runner', 'openai-compatible', 'openai', 'anthropic', 'gemini'] as const),
    ]) ?? 'ollama';
  const options: SimulatedHostOptions = {
    kind,
    ...present({
      preset: choose(reader, 'preset', ['llama.cpp', 'vllm', 'lm-studio']),
      name: flags.name,
      vramBytes: size(reader, 'vram'),
      ramBytes: size(reader, 'ram'),
      slots: number(reader, 'slots', 1, 'whole'),
      models: list(reader, 'models'),
      preload: list(reader, 'preload'),
      profile: choose(reader, 'profile', ['gpu', 'cpu', 'container']),
      engine: choose(reader, 'engine', ['old', 'new']),
      faults: readFault(reader),
      seed: number(reader, 'seed', 0, 'whole'),
      speedup: number(reader, 'speedup', Number.MIN_VALUE, 'any'),
      version: flags.version,
    }),
  };
  if (flags.preset !== undefined && kind !== 'openai-compatible') {
    reader.problems.push(`--preset: only for --kind openai-compatible, not for ${kind}`);
  }
  return reader.problems.length > 0 ? { problems: reader.problems } : { options };
};
