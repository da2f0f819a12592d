import { describe, expect, test } from 'bun:test';
import { bench, chat, handStream } from './scripted.ts';

const url = 'https://images.example/a.png';
const asked = (...urls: readonly string[]) =>
  chat('m', {
    stream: false,
    messages: [
      { role: 'user', content: urls.map((each) => ({ type: 'image_url', image_url: { url: each } })) },
    ],
  });

const png = (): Response =>
  new Response(new Uint8Array([137, 80, 78, 71]), { headers: { 'content-type': 'image/png' } });

const fleet = async (
  picture: () => Response | Promise<Response>,
  images: readonly string[] = ['images.example'],
) => {
  const bed = await bench({ near: { kind: 'ollama' } }, { egress: { images } });
  bed.script('near').infer = () =>
    Response.json({
      model: 'm',
      message: { role: 'assistant', content: 'seen' },
      done: true,
      done_reason: 'stop',
    });
  bed.script('images').page = picture;
  return bed;
};

describe('a picture that is given as a URL', () => {
  test('is fetched once for a host that wants bytes, where a rule names its host', async () => {
    let fetched = 0;
    const { post, script } = await fleet(() => {
      fetched += 1;
      return png();
    });
    const response = await post('/v1/chat/completions', asked(url, url));
    expect(response.status).toBe(200);
    expect(fetched).toBe(1);
    expect(script('near').calls[0]?.body).toMatchObject({ messages: [{ images: ['iVBORw==', 'iVBORw=='] }] });
  });

  test('is refused without a rule, and nothing is fetched', async () => {
    for (const images of [[], ['other.example']]) {
      let fetched = 0;
      const { post, script } = await fleet(() => {
        fetched += 1;
        return png();
      }, images);
      const response = await post('/v1/chat/completions', asked(url));
      expect(response.status).toBe(400);
      expect(fetched).toBe(0);
      expect(script('near').calls).toHaveLength(0);
    }
  });

  test('is refused where it is none, moves on, is too large or does not come', async () => {
    const bad: Readonly<Record<string, () => Response | Promise<Response>>> = {
      'a page': () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      'a redirect': () =>
        new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
      'an error': () => new Response('no', { status: 403, headers: { 'content-type': 'image/png' } }),
      'six megabytes': () =>
        new Response(new Uint8Array(6 * 1024 * 1024), { headers: { 'content-type': 'image/png' } }),
      'no answer': () => {
        throw new TypeError('fetch failed: connect ECONNREFUSED 10.1.2.3');
      },
    };
    for (const [what, picture] of Object.entries(bad)) {
      const { post, script } = await fleet(picture);
      const response = await post('/v1/chat/completions', asked(url));
      expect([what, response.status]).toEqual([what, 400]);
      expect(await response.text()).not.toMatch(/10\.1|images\.example|169/);
      expect(script('near').calls).toHaveLength(0);
    }
  });

  test('is given up after five seconds', async () => {
    const { post, clock } = await fleet(
      () => new Response(handStream().body, { headers: { 'content-type': 'image/png' } }),
    );
    const answer = post('/v1/chat/completions', asked(url));
    await clock.advance(5_001);
    expect((await answer).status).toBe(400);
  });

  test('passes as it is to a host that fetches it itself', async () => {
    const { post, script } = await bench(
      { far: { kind: 'openai-compatible' } },
      { egress: { images: ['images.example'] } },
    );
    script('far').infer = () => Response.json({ choices: [] });
    await post('/v1/chat/completions', asked(url));
    expect(script('far').calls[0]?.body).toMatchObject(asked(url));
  });
});
