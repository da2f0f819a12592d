/** The settings that pages on clients tell people to paste: well formed, and with an address that answers. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parse } from 'yaml';
import { knownClients } from '../clients/known-clients.ts';
import { type Demo, startDemo } from './commands.ts';
import { blocksOf, pages, tableOf } from './pages.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.pointsman.stop());

const clients = pages.filter(({ path }) => path.startsWith('docs/clients/'));

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  json: (text) => JSON.parse(text),
  yaml: (text) => parse(text),
  toml: (text) => Bun.TOML.parse(text),
};

const settings = clients.flatMap((page) =>
  blocksOf(page).flatMap(({ language, text }) => {
    const read = readers[language];
    return read === undefined ? [] : [{ path: page.path, text, read }];
  }),
);

/** A page of each base, which every client of its API asks for. */
const listings: Readonly<Record<string, string>> = { '': '/api/tags', '/v1': '/models', '/api': '/tags' };

describe('settings to paste into clients', () => {
  test('stand on several pages', () => {
    expect(settings.length).toBeGreaterThan(4);
  });

  for (const { path, text, read } of settings) {
    test(`are well formed on ${path}`, () => {
      expect(read(text)).toBeObject();
    });
  }

  for (const page of clients) {
    test(`name an address that answers on ${page.path}`, async () => {
      const bases = page.text.matchAll(
        /(?:http:\/\/|=)(?:127\.0\.0\.1|host\.docker\.internal|192\.168\.1\.20|<address[^>]*>):5010(\/v1|\/api)?/g,
      );
      const paths = new Set([...bases].map(([, base = '']) => base));
      expect(paths.size).toBeGreaterThan(0);
      for (const base of paths) {
        const { status } = await fetch(`${demo.pointsman.origin}${base}${listings[base] ?? ''}`);
        expect({ base, status }).toEqual({ base, status: 200 });
      }
    });
  }
});

describe('the table of clients', () => {
  const rows = tableOf(
    { path: '', text: pages.find(({ path }) => path === 'docs/clients.md')?.text ?? '' },
    'client',
  );

  test('has every page', () => {
    const linked = rows.map(([client = '']) => /\((clients\/[^)]+)\)/.exec(client)?.[1]);
    expect(linked.toSorted()).toEqual(clients.map(({ path }) => path.replace('docs/', '')).toSorted());
  });

  test('says of those whose requests are sent, and of no others, that they are', () => {
    const told = rows
      .filter(([, , how = '']) => how.includes('its requests'))
      .map(([client = '']) => `docs/${/\((clients\/[^)]+)\)/.exec(client)?.[1]}`);
    expect(told.toSorted()).toEqual(knownClients.map(({ page }) => page).toSorted());
  });
});
