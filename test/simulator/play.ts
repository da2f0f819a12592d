/** A simulated host under a virtual clock, with the requests that tests send it. */

import type { SimulatedHostOptions } from '../../src/simulator/host-settings.ts';
import { createSimulatedHost, type SimulatedHost } from '../../src/simulator/simulated-host.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';

/** What came back, read to its end; `failure` when the connection died on the way. */
export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly atMs: number;
  readonly headersAtMs: number;
  readonly failure: unknown;
}

export interface Play {
  readonly host: SimulatedHost;
  readonly clock: VirtualClock;
  /** Sends without moving time; the promise gives the answer once time has moved far enough. */
  send(path: string, body?: Json, signal?: AbortSignal): Promise<Answered>;
  /** Sends and lets as much time pass as the answer takes. */
  ask(path: string, body?: Json): Promise<Answered>;
  /** The one JSON object of an answer. */
  json(path: string, body?: Json): Promise<JsonObject>;
  /** The lines of an NDJSON answer. */
  lines(path: string, body: Json): Promise<readonly JsonObject[]>;
}

/** One mebibyte per second, ten tokens read and ten written per second: figures a reader can add up. */
export const roundRates = {
  loadBytesPerSecond: 1024 ** 3,
  prefillTokensPerSecond: 100,
  decodeTokensPerSecond: 10,
  sharing: 0,
};

const read = async (response: Response, clock: VirtualClock): Promise<Answered> => {
  const headersAtMs = clock.now();
  const parts: Uint8Array[] = [];
  let failure: unknown;
  try {
    for await (const part of response.body ?? []) parts.push(part);
  } catch (problem) {
    failure = problem;
  }
  const bytes = Buffer.concat(parts);
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text: bytes.toString('utf8'),
    bytes,
    atMs: clock.now(),
    headersAtMs,
    failure,
  };
};

export const parseLines = (text: string): readonly JsonObject[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);

/** The JSON of an event stream's data lines, without the end mark. */
export const parseEvents = (text: string): readonly JsonObject[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: ') && event !== 'data: [DONE]')
    .map((event) => JSON.parse(event.slice('data: '.length)) as JsonObject);

export const play = (options: SimulatedHostOptions): Play => {
  const clock = createVirtualClock();
  const host = createSimulatedHost({ rates: roundRates, ...options }, { clock });
  const send = async (path: string, body?: Json, signal?: AbortSignal): Promise<Answered> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const request = new Request(`http://host${path}`, {
      ...init,
      ...(signal === undefined ? {} : { signal }),
    });
    return read(await host.fetch(request), clock);
  };
  const ask = (path: string, body?: Json): Promise<Answered> => clock.until(send(path, body));
  return {
    host,
    clock,
    send,
    ask,
    json: async (path, body) => JSON.parse((await ask(path, body)).text) as JsonObject,
    lines: async (path, body) => parseLines((await ask(path, body)).text),
  };
};

export const chat = (model: string, content: string, more: JsonObject = {}): JsonObject => ({
  model,
  messages: [{ role: 'user', content }],
  ...more,
});
