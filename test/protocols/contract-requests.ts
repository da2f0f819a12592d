/** The laws of requests: the same dialect loses nothing, another refuses or names what it loses. */

import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { findModelRoute, holdsModel } from '../../src/protocols/model-route.ts';
import type { Protocol, Rendered } from '../../src/protocols/protocol.ts';
import { protocols } from '../../src/protocols/registry.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { arbitraryBodies } from './arbitrary-bodies.ts';
import { asJson, proofMs } from './codec.ts';
import { bodyOf, fixtures } from './fixtures.ts';
import { refused } from './refused.ts';

/** A request as the front of its dialect reads it, with what its path says among the members of its body. */
const readBack = (protocol: Protocol, { path, body }: Pick<Rendered, 'path' | 'body'>): unknown => {
  const found = findModelRoute(protocol.routes.filter(holdsModel), path.replace(/\?.*$/, ''));
  if (found === undefined) return asJson(body);
  return asJson({ ...body, model: found.model, stream: found.route.stream === true });
};

/** Tests one dialect. */
export const requestContract = (protocol: Protocol): void => {
  for (const operation of ['chat', 'complete'] as const) {
    test.each(fixtures(protocol.id, operation).map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
      `${operation} %s is taken and rendered again without loss`,
      (_name, body) => {
        expect(protocol.peek(body, operation).model).not.toBe('');
        expect(readBack(protocol, protocol.render(protocol.parse(body, operation)))).toEqual(body);
      },
    );
  }

  test.each(fixtures(protocol.id, 'embed').map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
    'embed %s is taken and rendered again without loss',
    (_name, body) => {
      expect(protocol.peek(body, 'embed').needs).toContain('embedding');
      const { path } = protocol.routes.find(({ operation }) => operation === 'embed') ?? { path: '' };
      expect(readBack(protocol, protocol.embed.render(protocol.embed.parse(body, path)))).toEqual(body);
    },
  );

  for (const operation of ['chat', 'complete'] as const) {
    const bodies = arbitraryBodies[protocol.id]?.[operation];
    if (bodies === undefined) {
      test(`has no path to ${operation}`, () => {
        expect(protocol.routes.some((route) => route.operation === operation)).toBe(false);
      });
      continue;
    }
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
            expect(readBack(protocol, protocol.render(request))).toEqual(body);
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
      const rendered = protocol.render({ ...protocol.parse(body, 'chat'), model: 'other' });
      const key = body.model === '' ? 'name' : 'model';
      expect(readBack(protocol, rendered)).toEqual({ ...body, [key]: 'other' });
    }
  });

  test('the same dialect drops nothing', () => {
    for (const fixture of fixtures(protocol.id, 'chat')) {
      expect(protocol.render(protocol.parse(bodyOf(fixture), 'chat')).dropped).toEqual([]);
    }
  });
};
