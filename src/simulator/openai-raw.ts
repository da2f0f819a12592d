/** Sound, pictures, moderation and ranking of the OpenAI-compatible servers: the same bytes for the same request. */

import type { Hono } from 'hono';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { EngineFailure, type FailureKind } from './engine-failure.ts';
import { type Refusal, respond } from './exchange.ts';
import type { FaultName } from './faults.ts';
import type { HostCore } from './host-core.ts';
import type { OpenAiFlavour } from './openai-flavour.ts';
import { createSeededRandom, hashText } from './seeded-random.ts';

/** What these routes need of their host. */
export interface RawHost {
  readonly core: HostCore;
  readonly flavour: OpenAiFlavour;
  /** Whether it has a model of that name. */
  readonly has: (model: string) => boolean;
}

const failures: Partial<Record<FaultName, FailureKind>> = {
  'error-500': 'internal',
  'error-503': 'unavailable',
  'busy-503': 'busy',
  'rate-429': 'rate-limited',
  oom: 'internal',
};

/** Why the request gets no answer; undefined where it gets one. */
const refusalOf = ({ core, flavour, has }: RawHost, model: string): Refusal | undefined => {
  const fault = core.faults.take('inference', model);
  const kind = fault === undefined ? undefined : failures[fault.fault];
  if (kind !== undefined) return flavour.refuse(new EngineFailure(kind), model);
  return has(model) && fault?.fault !== 'model-lost' ? undefined : flavour.unknownModel(model);
};

const jsonOf = async (request: Request): Promise<JsonObject | undefined> =>
  asObject((await request.json().catch(() => null)) as Json);

/** Sound for a character, and what of it comes at once. */
const bytesPerCharacter = 400;
const pieceBytes = 4096;
const pieceMs = 20;

const soundTypes: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  pcm: 'audio/pcm',
};

const soundOf = (text: string, seed: number, { clock, settings }: HostCore): ReadableStream<Uint8Array> => {
  const random = createSeededRandom(hashText(text, seed));
  let leftBytes = Math.max(1, text.length) * bytesPerCharacter;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          clock.after(pieceMs / settings.speedup, () => {
            const piece = Uint8Array.from({ length: Math.min(pieceBytes, leftBytes) }, () =>
              Math.floor(random() * 256),
            );
            leftBytes -= piece.length;
            controller.enqueue(piece);
            if (leftBytes === 0) controller.close();
            resolve();
          });
        }),
    },
    { highWaterMark: 0 },
  );
};

/** One pixel. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** When every picture was made, in Unix seconds. */
const createdUnix = 1_767_268_800;

const words = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

const textOf = (value: Json | undefined): string => asString(value) ?? asString(asObject(value)?.text) ?? '';

/** The share of a query's words that a document has. */
const relevance = (query: ReadonlySet<string>, document: string): number => {
  if (query.size === 0) return 0;
  const own = words(document);
  let shared = 0;
  for (const word of query) if (own.has(word)) shared += 1;
  return shared / query.size;
};

const ranked = (body: JsonObject): Json => {
  const query = words(asString(body.query) ?? '');
  const results = (asArray(body.documents) ?? [])
    .map((document, index) => ({ index, relevance_score: relevance(query, textOf(document)) }))
    .sort((left, right) => right.relevance_score - left.relevance_score || left.index - right.index);
  return results.slice(0, asNumber(body.top_n) ?? results.length);
};

const moderated = (input: Json | undefined): Json =>
  (asArray(input) ?? [input ?? '']).map((each) => {
    const flagged = /\bviolence\b/i.test(textOf(each));
    return {
      flagged,
      categories: { violence: flagged },
      category_scores: { violence: flagged ? 0.9 : 0.01 },
    };
  });

/** Mounts the routes. */
export const mountRaw = (app: Hono, host: RawHost): void => {
  const { core, flavour } = host;
  const { seed } = core.settings;

  const withBody =
    (answer: (body: JsonObject, model: string) => Response, defaultModel = '') =>
    async ({ req }: { readonly req: { readonly raw: Request } }): Promise<Response> => {
      const body = await jsonOf(req.raw);
      if (body === undefined) return respond(flavour.badRequest('invalid JSON in body'));
      const model = asString(body.model) ?? defaultModel;
      const refusal = refusalOf(host, model);
      return refusal === undefined ? answer(body, model) : respond(refusal);
    };

  app.post(
    '/v1/audio/speech',
    withBody((body) => {
      const type = soundTypes[asString(body.response_format) ?? 'mp3'] ?? 'application/octet-stream';
      return new Response(soundOf(asString(body.input) ?? '', seed, core), {
        headers: { 'content-type': type },
      });
    }),
  );
  app.post(
    '/v1/images/generations',
    withBody((body) =>
      Response.json({
        created: createdUnix,
        data: Array.from({ length: asNumber(body.n) ?? 1 }, () => ({ b64_json: picture })),
      }),
    ),
  );
  app.post(
    '/v1/moderations',
    withBody(
      (body, model) =>
        Response.json({
          id: `modr-${hashText(JSON.stringify(body.input ?? ''))}`,
          model,
          results: moderated(body.input),
        }),
      'omni-moderation-latest',
    ),
  );
  app.post(
    '/v1/rerank',
    withBody((body, model) => Response.json({ model, results: ranked(body) })),
  );

  for (const path of ['/v1/audio/transcriptions', '/v1/audio/translations']) {
    app.post(path, async ({ req }) => {
      const form = await req.raw.formData().catch(() => undefined);
      const model = form?.get('model');
      const file = form?.get('file');
      if (typeof model !== 'string' || typeof file !== 'object' || file === null)
        return respond(flavour.badRequest('file and model are required'));
      const refusal = refusalOf(host, model);
      if (refusal !== undefined) return respond(refusal);
      const text = `A sound of ${file.size} bytes named ${file.name}.`;
      return form?.get('response_format') === 'text'
        ? new Response(`${text}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
        : Response.json({ text });
    });
  }
};
