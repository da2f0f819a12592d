/** The project's pages as they are written, cut into the parts that tests look at. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly language: string;
  readonly text: string;
}

export const fileText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every page at the top and below `docs`. */
export const pages: readonly Page[] = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`),
]
  .filter((path) => path.endsWith('.md'))
  .sort()
  .map((path) => ({ path, text: fileText(path) }));

export const pageAt = (path: string): Page => {
  const page = pages.find((each) => each.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page;
};

/** The fenced blocks of a page, in order. */
export const blocksOf = ({ text }: Page): readonly Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }));

/** The page without what stands in fenced blocks. */
export const proseOf = ({ text }: Page): string => text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');

/** What stands between backticks in the prose of a page. */
export const codeOf = (page: Page): readonly string[] =>
  [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** The rows of the table whose first title is given, each as its cells. */
export const tableOf = ({ text }: Page, title: string): readonly (readonly string[])[] => {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${title} |`));
  if (head < 0) throw new Error(`no table begins with ${title}`);
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split(' | ')
      .map((cell) => cell.trim()),
  );
};

/** All text of the program's sources below a folder. */
export const sourceText = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => fileText(join(folder, path)))
    .join('\n');
