/**
 * The least a proxy on Bun can do: the bytes of a request to the mock, the bytes of the answer back.
 * What Pointsman costs beyond this is its own work; the rest is Bun's server and fetch.
 */

const upstream = process.argv[2] ?? '';

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[3]),
  idleTimeout: 0,
  development: false,
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    const answer = await fetch(`${upstream}${pathname}`, {
      method: request.method,
      headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
      body: await request.arrayBuffer(),
      signal: request.signal,
    });
    return new Response(answer.body, {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? '' },
    });
  },
});

process.stdout.write(`${server.port}\n`);
