/** One client, one Pointsman and one server, in one process: a request from end to end. */

import { checkConfig } from '../../src/config/check-config.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import type { FetchReply } from '../../src/spec/ports.ts';
import type { Answer, Ask, Front, Heard, Wire } from './dialect.ts';

/** What the server does with a request for its model. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Says this much of an answer, then that it broke. */
  | { readonly kind: 'break'; readonly answer: Answer; readonly message: string }
  /** Says this much, and never more. */
  | { readonly kind: 'hang'; readonly answer: Answer };

/** What came of it. */
export interface Play {
  readonly status: number;
  readonly heard: Heard;
  /** What the server was asked. */
  readonly asked: Ask;
  /** What the client was told that got lost. */
  readonly dropped: string | null;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Stage {
  readonly app: PointsmanApp;
  readonly asked: Ask[];
  /** Whether the server saw its caller leave. */
  left: boolean;
}

const bodyOf = (wire: Wire, reply: Reply, stage: Stage): ReadableStream<Uint8Array> => {
  const parts = wire.parts(reply.answer);
  // Half of an answer is its content without its end.
  const said = reply.kind === 'answer' ? parts : parts.slice(0, Math.max(2, Math.floor(parts.length / 2)));
  const sent = reply.kind === 'break' ? [...said, wire.error(reply.message)] : said;
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const part = sent[next];
      next += 1;
      if (part !== undefined) controller.enqueue(encode(part));
      else if (reply.kind !== 'hang') controller.close();
      else return new Promise(() => undefined);
      return undefined;
    },
    cancel: () => {
      stage.left = true;
    },
  });
};

const staged = async (wire: Wire, reply: Reply): Promise<Stage> => {
  const checked = checkConfig({
    backends: { engine: { url: 'http://engine.internal:1', ...wire.backend } },
  } as Parameters<typeof checkConfig>[0]);
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const fetch = async (
    url: string,
    init: { readonly method: string; readonly body?: Uint8Array | undefined; readonly signal: AbortSignal },
  ): Promise<FetchReply> => {
    const { pathname, search } = new URL(url);
    if (init.method !== 'POST') {
      const page = wire.page(pathname);
      return page === undefined ? new Response('not found', { status: 404 }) : Response.json(page);
    }
    const body = JSON.parse(new TextDecoder().decode(init.body)) as JsonObject;
    const ask = wire.read(`${pathname}${search}`, body);
    stage.asked.push(ask);
    init.signal.addEventListener('abort', () => {
      stage.left = true;
    });
    return ask.stream ? new Response(bodyOf(wire, reply, stage)) : Response.json(wire.whole(reply.answer));
  };
  let names = 0;
  const app = createApp(checked.config, {
    ports: {
      clock: createVirtualClock(),
      random: () => 0.5,
      ids: () => {
        names += 1;
        return `id-${names}`;
      },
      fetch,
    },
  });
  const stage: Stage = { app, asked: [], left: false };
  await app.gateway.discovery.settled();
  return stage;
};

const send = async (front: Front, wire: Wire, ask: Ask, { app }: Stage): Promise<Response> => {
  const { path, body } = front.write(ask, wire.model);
  return await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      method: 'POST',
      headers: { host: 'localhost:5010', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
};

/** Plays one request and hears its answer to the end. */
export const play = async (front: Front, wire: Wire, ask: Ask, reply: Reply): Promise<Play> => {
  const stage = await staged(wire, reply);
  try {
    const response = await send(front, wire, ask, stage);
    const bytes = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${bytes}`);
    const [asked] = stage.asked;
    if (asked === undefined) throw new Error('the server was never asked');
    return {
      status: response.status,
      heard: front.hear(bytes, ask.stream),
      asked,
      dropped: response.headers.get('x-pointsman-dropped'),
    };
  } finally {
    stage.app.stop();
  }
};

/** Leaves a stream after its first bytes; resolves to whether the server saw it. */
export const leave = async (front: Front, wire: Wire, ask: Ask, answer: Answer): Promise<boolean> => {
  const stage = await staged(wire, { kind: 'hang', answer });
  try {
    const response = await send(front, wire, ask, stage);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return stage.left;
  } finally {
    stage.app.stop();
  }
};
