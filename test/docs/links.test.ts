import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pageAt, pages, proseOf, root } from './pages.ts';

/** The anchor a heading gets where the pages are shown. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (path: string): readonly string[] =>
  [...proseOf(pageAt(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

interface Link {
  readonly from: string;
  readonly target: string;
}

const links: readonly Link[] = pages.flatMap((page) =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ from: page.path, target })),
);

const problemOf = ({ from, target }: Link): string | undefined => {
  const [path = '', anchor] = target.split('#');
  const resolved = path === '' ? from : posix.join(posix.dirname(from), path);
  if (!existsSync(join(root, resolved))) return `${from} links to ${target}, which is not there`;
  if (anchor === undefined || anchorsOf(resolved).includes(anchor)) return undefined;
  return `${from} links to ${target}, and that page has no such heading`;
};

describe('links between the pages', () => {
  test('lead to something that is there', () => {
    expect(links.length).toBeGreaterThan(50);
    expect(links.flatMap((link) => problemOf(link) ?? [])).toEqual([]);
  });

  test('leave the project nowhere', () => {
    expect(links.filter(({ target }) => /^[a-z]+:/.test(target))).toEqual([]);
  });

  test('reach every page of docs from its index', () => {
    const reached = links
      .filter(({ from }) => from === 'docs/README.md')
      .map(({ target }) => posix.join('docs', target.replace(/#.*/, '')));
    const all = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(all.filter((path) => path !== 'docs/README.md' && !reached.includes(path))).toEqual([]);
  });

  test('reach every client from the README', () => {
    const reached = links.filter(({ from }) => from === 'README.md').map(({ target }) => target);
    const clients = readdirSync(join(root, 'docs/clients')).map((file) => `docs/clients/${file}`);
    expect(clients.filter((path) => !reached.includes(path))).toEqual([]);
  });
});
