import { describe, expect, test } from 'bun:test';
import { modeNames, modes, parseMode } from '../../src/core/mode.ts';
import { GatewayError } from '../../src/spec/gateway-error.ts';

describe('a mode', () => {
  test('is named as configuration writes it, or with dashes and capitals', () => {
    for (const name of modeNames) {
      expect(parseMode(name)).toBe(name);
      expect(parseMode(` ${name.toUpperCase().replaceAll('_', '-')} `)).toBe(name);
    }
  });

  test('that does not exist is told with those that do', () => {
    const tell = (text: string): GatewayError => {
      try {
        parseMode(text);
      } catch (error) {
        if (error instanceof GatewayError) return error;
      }
      throw new Error('no error');
    };
    const { code, message, details } = tell('fallback');
    expect([code, details.param]).toEqual(['invalid_request', 'mode']);
    expect(message).toBe(
      'mode must be one of hybrid, single, fallback_only, local_only (did you mean "fallback_only"?)',
    );
    expect(tell('').message).toBe('mode must be one of hybrid, single, fallback_only, local_only');
    expect(tell('constructor').message).not.toContain('constructor');
  });

  test('says in one line what it leaves out', () => {
    for (const { summary } of Object.values(modes)) expect(summary.length).toBeGreaterThan(15);
  });
});
