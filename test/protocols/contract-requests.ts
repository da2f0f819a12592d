/** The laws of requests: the same dialect loses nothing, another refuses or names what it loses. */

import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../src/protocols/protocol.ts';
import { protocols } from '../../src/protocols/registry.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { arbitraryBodies } from './arbitrary-bodies.ts';
import { asJson, proofMs } from './codec.ts';
import { bodyOf, fixtures } from './fixtures.ts';
import { refused } from './refused.ts';

/** Tests one dialect. */
export const requestContract = (protocol: Protocol): void => {
  for (const operation of ['chat', 'complete'] as const) {
    test.each(fixtures(protocol.id, operation).map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
      `${operation} %s is taken and rendered again without loss`,
      (_name, body) => {
        expect(protocol.peek(body, operation).model).not.toBe('');
        expect(asJson(protocol.render(protocol.parse(body, operation)).body)).toEqual(body);
      },
    );
  }

  test.each(fixtures(protocol.id, 'embed').map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
    'embed %s is taken and rendered again without loss',
    (_name, body) => {
      expect(protocol.peek(body, 'embed').needs).toContain('embedding');
      const { path } = protocol.routes.find(({ operation }) => operation === 'embed') ?? { path: '' };
      expect(asJson(protocol.embed.render(protocol.embed.parse(body, path)).body)).toEqual(body);
    },
  );

  for (const operation of ['chat', 'complete'] as const) {
    const bodies = arbitraryBodies[protocol.id]?.[operation];
    if (bodies === undefined) continue;
    test(
      `any ${operation} that is taken is rendered again without loss, and never breaks another dialect`,
      () => {
        let taken = 0;
        fc.assert(
          fc.property(bodies, (drawn) => {
            const body = asJson(drawn) as JsonObject;
            if (refused(() => protocol.peek(body, operation)) !== undefined) return;
            taken += 1;
            const request = protocol.parse(body, operation);
            expect(asJson(protocol.render(request).body)).toEqual(body);
            for (const other of protocols) {
              const refusal = refused(() => JSON.stringify(other.render(request)));
              expect(refusal?.code ?? 'unprocessable').toMatch(/^(invalid_request|unprocessable)$/);
            }
          }),
          { numRuns: propertyRuns },
        );
        expect(taken).toBeGreaterThan(propertyRuns / 10);
      },
      proofMs,
    );
  }

  test('a renamed model is the only thing that changes', () => {
    for (const fixture of fixtures(protocol.id, 'chat')) {
      const body = bodyOf(fixture);
      const rendered = protocol.render({ ...protocol.parse(body, 'chat'), model: 'other' }).body;
      const key = body.model === '' ? 'name' : 'model';
      expect(asJson(rendered)).toEqual({ ...body, [key]: 'other' });
    }
  });

  test('the same dialect drops nothing', () => {
    for (const fixture of fixtures(protocol.id, 'chat')) {
      expect(protocol.render(protocol.parse(bodyOf(fixture), 'chat')).dropped).toEqual([]);
    }
  });
};
