/** A small program over a `Runtime`, run as a subprocess, that does to an adapter what a gateway does: `probe-app.ts <runtime> serve`. */

import { start } from '../../adapters/local-process.ts';
import { replyReader } from '../../src/backends/parts/reply-reader.ts';
import type { Handler, Listening, Runtime } from '../../src/cli/runtime.ts';
import type { FetchReply } from '../../src/spec/ports.ts';

const post = (runtime: Runtime, url: string, signal: AbortSignal): Promise<FetchReply> =>
  runtime.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode('{"probe":true}'),
    signal,
  });

/** Reads the request whole, asks the upstream, and hands its body on chunk by chunk. */
const relay = async (runtime: Runtime, request: Request, url: string): Promise<Response> => {
  if (request.method === 'POST') await request.arrayBuffer();
  const leave = new AbortController();
  if (request.signal.aborted) leave.abort(new Error('the client left'));
  request.signal.addEventListener('abort', () => leave.abort(new Error('the client left')));
  const reply = await post(runtime, url, leave.signal);
  const reader = replyReader(reply);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) controller.close();
        else controller.enqueue(chunk.value);
      },
      async cancel() {
        leave.abort(new Error('the client left'));
        await reader?.cancel().catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: reply.status,
    headers: { 'x-upstream-type': reply.headers.get('Content-Type') ?? 'none' },
  });
};

const outcome = async (asked: Promise<FetchReply>): Promise<string> => {
  try {
    const reply = await asked;
    return new TextDecoder().decode(await reply.arrayBuffer());
  } catch {
    return 'failed';
  }
};

const oneByOne = async (runtime: Runtime, url: string, count: number): Promise<readonly string[]> => {
  const outcomes: string[] = [];
  for (let index = 0; index < count; index += 1)
    outcomes.push(await outcome(post(runtime, url, new AbortController().signal)));
  return outcomes;
};

const handlerOf =
  (runtime: Runtime): Handler =>
  async (request, connection) => {
    const url = new URL(request.url);
    const upstream = url.searchParams.get('upstream') ?? '';
    const count = Number(url.searchParams.get('count') ?? '1');
    connection.liftTimeout(request);
    switch (url.pathname) {
      case '/relay':
        return relay(runtime, request, upstream);
      case '/one-by-one':
        return Response.json(await oneByOne(runtime, upstream, count));
      case '/at-once':
        return Response.json(
          await Promise.all(
            Array.from({ length: count }, () =>
              outcome(post(runtime, upstream, new AbortController().signal)),
            ),
          ),
        );
      case '/stray':
        void Promise.reject(new Error('hush-hush'));
        setTimeout(() => {
          throw new Error('hush-hush');
        });
        return new Response('noted');
      case '/broken':
        throw new Error('hush-hush');
      case '/size':
        return new Response(String((await request.arrayBuffer()).byteLength));
      default:
        return Response.json({
          name: runtime.name,
          version: runtime.version,
          hostname: runtime.hostname,
          terminal: runtime.terminal,
          args: runtime.args,
        });
    }
  };

const serveUntilTold = async (runtime: Runtime, listening: Listening): Promise<void> => {
  runtime.onSignal((signal) => {
    runtime.out(`${signal}\n`);
    if (signal === 'reload') return;
    void listening.stop(signal === 'interrupt' ? 'graceful' : 'now').then(() => {
      // More than a pipe holds, right before the end.
      runtime.out(`${'x'.repeat(300_000)}\nstopped\n`);
      runtime.exit(3);
    });
  });
  runtime.out(`listening ${listening.hostname} ${listening.port}\n`);
};

const main = async (runtime: Runtime): Promise<void> => {
  const port = Number(runtime.env('PROBE_PORT') ?? '0');
  try {
    await serveUntilTold(runtime, await runtime.serve(handlerOf(runtime), { hostname: '127.0.0.1', port }));
  } catch (error) {
    runtime.err(`refused ${(error as { readonly code?: string }).code}\n`);
    runtime.exit(4);
  }
};

const name = process.argv[2];
if (name === 'bun') await import('../../adapters/bun-restart.ts');
const { runtime } = (await import(`../../adapters/${name}-runtime.ts`)) as { readonly runtime: Runtime };
start(main, runtime);
