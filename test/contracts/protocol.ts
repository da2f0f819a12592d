/** The laws every dialect keeps; a dialect's test calls this and adds its own oddities. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../src/protocols/protocol.ts';
import { isContent } from '../../src/spec/chat-event.ts';
import { type ErrorCode, GatewayError, statusOf } from '../../src/spec/gateway-error.ts';
import { answerOf } from '../protocols/answer.ts';
import { arbitraryAnswer } from '../protocols/arbitrary-answers.ts';
import { asJson, chatRequest, decode, encode, stamp } from '../protocols/codec.ts';
import { requestContract } from '../protocols/contract-requests.ts';
import { roundTripContract } from '../protocols/contract-round-trips.ts';
import { streamContract } from '../protocols/contract-streams.ts';

/** Runs every law on one dialect. */
export const protocolContract = (protocol: Protocol): void => {
  streamContract(protocol);
  describe('round trips', () => roundTripContract(protocol));
  describe('requests', () => requestContract(protocol));

  describe('errors', () => {
    const codes = Object.keys(statusOf) as ErrorCode[];

    test.each(codes)('%s has a status and a JSON body with its words', (code) => {
      const { status, body } = protocol.error.write(new GatewayError(code, 'said "so"\nand so'), 'r1');
      expect([statusOf[code], 529]).toContain(status);
      if (status === 529) expect(statusOf[code]).toBe(503);
      expect(JSON.stringify(asJson(body))).toContain('said \\"so\\"\\nand so');
      expect(body.error).toBeDefined();
    });

    test.each(codes)('%s inside a stream is read as an error with the same words', (code) => {
      const error = new GatewayError(code, 'said "so"\nand so');
      const encoder = protocol.encoder(chatRequest, stamp);
      const said = encoder.push({ type: 'text-delta', text: 'Hi' });
      const events = decode(protocol, said, protocol.error.inStream(error, 'r1'));
      const { error: read, finish } = answerOf(events);
      expect(read).toEndWith(error.message);
      expect(finish).toEqual([]);
    });
  });

  describe('signs of life', () => {
    test.each(['chat', 'complete'] as const)('a heartbeat of %s holds no content', (operation) => {
      const decoder = protocol.decoder(operation);
      const events = [
        ...decoder.push(protocol.heartbeat('m', operation, stamp)),
        ...decoder.push(protocol.heartbeat('m', operation, stamp)),
      ];
      expect(events.some(isContent)).toBe(false);
      expect(events.every(({ type }) => type === 'response-start')).toBe(true);
    });

    test('facts beside the end change nothing that is read', () => {
      const facts = { backend: 'gpu', reason: 'warm, "near"\nand idle' };
      fc.assert(
        fc.property(arbitraryAnswer, (events) => {
          const bytes = encode(protocol, events);
          const annotated = protocol.annotate(bytes, facts);
          expect(decode(protocol, annotated)).toEqual([...decode(protocol, bytes)]);
          const text = new TextDecoder().decode(annotated);
          expect(text).toContain('pointsman');
          expect(text).toContain('warm, \\"near\\"\\nand idle');
        }),
        { numRuns: 50 },
      );
    });

    test('bytes that stop inside a frame are not annotated', () => {
      const half = new TextEncoder().encode('{"a":"b');
      expect(protocol.annotate(half, { backend: 'gpu' })).toEqual(half);
    });
  });
};
