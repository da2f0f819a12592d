/** Clients that cannot be run here: their requests are, before every kind of engine. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './known/step.ts';
import { knownClients } from './known-clients.ts';
import { engines, type Served, served } from './served.ts';

const told = ({ method, path }: Step, index: number): string => `${index + 1}. ${method} ${path}`;

const send = async (url: string, step: Step): Promise<void> => {
  const response = await fetch(`${url}${step.path}`, {
    method: step.method,
    headers: { 'content-type': 'application/json', ...step.headers },
    ...(step.body === undefined ? {} : { body: JSON.stringify(step.body) }),
  });
  const text = await response.text();
  const status = step.status ?? 200;
  expect({ status: response.status, text: response.status === status ? '' : text }).toEqual({
    status,
    text: '',
  });
  for (const part of step.holds ?? []) expect(text).toMatch(part);
};

for (const { name, options, model } of engines) {
  describe(`in front of ${name}`, () => {
    let given: Served;
    beforeAll(async () => {
      given = await served(options);
    });
    afterAll(() => given.stop());

    for (const client of knownClients) {
      for (const [index, step] of client.steps(model, options.kind).entries()) {
        test(`${client.name} is answered: ${told(step, index)}`, () => send(given.url, step));
      }
    }
  });
}

test('each of these clients has a page', () => {
  for (const { page } of knownClients)
    expect(existsSync(join(import.meta.dirname, '../..', page)) ? '' : page).toBe('');
});
