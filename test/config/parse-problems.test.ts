import { describe, expect, test } from 'bun:test';
import { backendKinds } from '../../src/backends/registry.ts';
import { policyNames } from '../../src/core/policies.ts';
import { backend, from, problemsOf } from './reading.ts';

describe('a bad file is answered with the place and the mistake', () => {
  const cases: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
    [
      'an unknown key with a near one',
      'stratgy: random',
      ['stratgy: unknown key (did you mean "strategy"?)'],
    ],
    ['an unknown key with none near', 'zebra: 1', ['zebra: unknown key']],
    [
      'an unknown nested key',
      backend('api_key: x'),
      ['backends.box.api_key: unknown key (did you mean "apiKey"?)'],
    ],
    [
      'an unknown key in a list',
      'auth: { keys: [{ name: a, key: 12345678x, scope: [] }] }',
      ['auth.keys[0].scope: unknown key (did you mean "scopes"?)'],
    ],
    ...(
      [
        ['nothing at all', '0', 'must be at least 1'],
        ['less than nothing', '-5', 'must be at least 1'],
        ['no number', '.nan', 'must be a whole number'],
        ['a half', '1.5', 'must be a whole number'],
        ['more than can be counted', '.inf', 'must be a whole number'],
      ] as const
    ).map(
      ([what, value, problem]) =>
        [
          `a limit of ${what}`,
          `auth: { keys: [{ name: a, key: 12345678x, limits: { tokensPerMinute: ${value} } }] }`,
          [`auth.keys[0].limits.tokensPerMinute: ${problem}`],
        ] as const,
    ),
    ['a reserved word as key', '__proto__: { listen: x }', ['__proto__: unknown key']],
    ['a key with a line break and colours', '"a\\nb\\e[31m": 1', ['["a\\nb\\u001b[31m"]: unknown key']],
    [
      'an unknown kind',
      'backends: { box: { kind: olama, url: "http://h:1" } }',
      [
        `backends.box.kind: must be one of ${backendKinds.map(({ kind }) => kind).join(', ')} (did you mean "ollama"?)`,
      ],
    ],
    ['a missing url', 'backends: { box: { kind: ollama } }', ['backends.box.url: is missing']],
    ['a missing kind', 'backends: { box: { url: "http://h:1" } }', ['backends.box.kind: is missing']],
    ['an empty backend', 'backends: { box: }', ['backends.box: is empty; give it a value or remove the key']],
    [
      'an unknown strategy',
      'strategy: least-loaded',
      [`strategy: must be one of ${policyNames.join(', ')} (did you mean "least_loaded"?)`],
    ],
    [
      'an unknown mode',
      'mode: locl_only',
      ['mode: must be one of hybrid, single, fallback_only, local_only (did you mean "local_only"?)'],
    ],
    [
      'a strategy for a kind that is not there',
      `${backend('')}\nstrategy: docker_only\nmodels: { m.1: { strategy: docker_only } }`,
      [
        'strategy: docker_only can never choose: no backend is of kind docker-model-runner',
        'models["m.1"].strategy: docker_only can never choose: no backend is of kind docker-model-runner',
      ],
    ],
    [
      'a strategy by region where no backend has one',
      `${backend('')}\nstrategy: geographic`,
      ['strategy: geographic needs a region on at least one backend'],
    ],
    [
      'shares of nothing',
      `${backend('weight: 0')}\nstrategy: weighted_random`,
      ['strategy: all weights are 0'],
    ],
    ['a share below nothing', backend('weight: -0.5'), ['backends.box.weight: must be at least 0']],
    ['a share in words', backend('weight: much'), ['backends.box.weight: must be a number']],
    ['a share of an endless number', backend('weight: .inf'), ['backends.box.weight: must be a number']],
    [
      'a price without its other half',
      backend('price: { inputPerMillion: 1 }'),
      ['backends.box.price.outputPerMillion: is missing'],
    ],
    [
      'a stay in memory between two bounds that cross',
      backend('keepAlive: { minMs: 2000, maxMs: 1000 }'),
      ['backends.box.keepAlive.maxMs: is below backends.box.keepAlive.minMs'],
    ],
    [
      'a weight of a scorer that the strategy has not',
      'weights: { geographic: { lane: 1 } }',
      ['weights.geographic: geographic has no scorer lane: region, near, soonest'],
    ],
    [
      'a negative weight of a scorer',
      'weights: { geographic: { near: -1 } }',
      ['weights.geographic: the weight of near is not a number from 0 on'],
    ],
    [
      'weights that leave nothing',
      'weights: { geographic: { region: 0, near: 0, soonest: 0 } }',
      ['weights.geographic: all weights are 0'],
    ],
    [
      'weights of an unknown strategy',
      'weights: { geografic: { near: 1 } }',
      ['weights.geografic: unknown key (did you mean "geographic"?)'],
    ],
    [
      'a preference for nobody',
      `${backend('')}\nmodels: { m: { preferred: bix } }`,
      ['models.m.preferred: is neither a backend nor a kind (did you mean "box"?)'],
    ],
    ['context sizes out of order', 'context: { buckets: [4096, 2048] }', ['context.buckets: must ascend']],
    ['a share of the queue of nothing', 'queue: { keyShare: 0 }', ['queue.keyShare: must be at least 0.01']],
    ['too many attempts', 'maxAttempts: 4', ['maxAttempts: must be at most 3']],
    ['no slots', backend('slots: 0'), ['backends.box.slots: must be at least 1']],
    ['half a slot', backend('slots: 1.5'), ['backends.box.slots: must be a whole number']],
    ['a word for a boolean', 'insecure: yes', ['insecure: must be true or false']],
    ['a number for a text', 'listen: 5010', ['listen: must be a text; put it in quotes']],
    ['a duration in words', 'timeouts: { headersMs: 5s }', ['timeouts.headersMs: must be a whole number']],
    [
      'a duration no timer can hold',
      'probe: { intervalMs: 2147483648 }',
      ['probe.intervalMs: must be at most 2147483647'],
    ],
    ['a list for a mapping', 'backends: [a]', ['backends: must be a mapping of keys to values']],
    ['a text for a list', 'models: { m: { aliases: x } }', ['models.m.aliases: must be a list']],
    ['a list for a whole file', '- a', ['the file: must be a mapping of keys to values']],
    [
      'a size without sense',
      'http: { maxBodyBytes: lots }',
      ['http.maxBodyBytes: must be a number of bytes above 0, or a text such as "64MiB"'],
    ],
    [
      'a size of nothing',
      'http: { maxBodyBytes: 0MiB }',
      ['http.maxBodyBytes: must be a number of bytes above 0, or a text such as "64MiB"'],
    ],
    [
      'a listen address without port',
      'listen: localhost',
      ['listen: must be host:port, such as 127.0.0.1:5010 or [::1]:5010'],
    ],
    [
      'a backend id with a slash',
      'backends: { a/b: { kind: ollama, url: "http://h:1" } }',
      [
        'backends["a/b"]: must be letters, digits, dots, dashes and underscores, and begin with a letter or digit',
      ],
    ],
    [
      'a backend id every object has',
      'backends: { constructor: { kind: ollama, url: "http://h:1" } }',
      ['backends.constructor: this id is reserved'],
    ],
    [
      'a backend id that is another kind',
      'backends: { peer: { kind: ollama, url: "http://h:1" } }',
      ['backends.peer: this id is the name of another kind'],
    ],
    [
      'a preset of another kind',
      backend('preset: vllm'),
      ['backends.box.preset: is not a preset of the kind ollama'],
    ],
    [
      'a backend that is Pointsman itself',
      'listen: 0.0.0.0:11434\nbackends: { box: { kind: ollama, url: "http://localhost:11434" } }',
      ['backends.box.url: is the address Pointsman itself listens on'],
    ],
    [
      'a header the connection sets',
      backend('headers: { Host: x }'),
      ['backends.box.headers.Host: is set by the connection itself and cannot be configured'],
    ],
    [
      'a header with a bad name',
      backend('headers: { "a b": x }'),
      ['backends.box.headers["a b"]: is not a header name'],
    ],
    [
      'a header with two lines',
      backend('headers: { x-a: "1\\r\\nx-b: 2" }'),
      ['backends.box.headers.x-a: holds a character that no header can carry'],
    ],
    [
      'a name for a backend that does not exist',
      `${backend('')}\nmodels: { m: { names: { bax: "m:latest" } } }`,
      ['models.m.names.bax: is neither a backend nor a kind (did you mean "box"?)'],
    ],
    [
      'an alias used twice',
      'models: { a: { aliases: [x] }, b: { aliases: [X] } }',
      ['models.b.aliases[0]: the same name as models.a.aliases[0]'],
    ],
    [
      'an alias that is a model',
      'models: { a.1: {}, b: { aliases: [a.1] } }',
      ['models.b.aliases[0]: the same name as models["a.1"]'],
    ],
    [
      'an empty key',
      'auth: { keys: [{ name: a, key: "" }] }',
      ['auth.keys[0].key: must be at least 8 characters long'],
    ],
    [
      'a key that is too long',
      `auth: { keys: [{ name: a, key: ${'k'.repeat(257)} }] }`,
      ['auth.keys[0].key: must be at most 256 characters long'],
    ],
    [
      'a key with spaces',
      'auth: { keys: [{ name: a, key: "one two three" }] }',
      ['auth.keys[0].key: must be printable ASCII without spaces'],
    ],
    [
      'a key without scopes',
      'auth: { keys: [{ name: a, key: 12345678x, scopes: [] }] }',
      ['auth.keys[0].scopes: must not be empty'],
    ],
    [
      'an unknown scope',
      'auth: { keys: [{ name: a, key: 12345678x, scopes: [metric] }] }',
      ['auth.keys[0].scopes[0]: must be one of inference, metrics, admin, cluster (did you mean "metrics"?)'],
    ],
    [
      'two keys alike',
      'auth: { keys: [{ name: a, key: 12345678x }, { name: a, key: 12345678x }] }',
      ['auth.keys[1].name: the same name as auth.keys[0]', 'auth.keys[1].key: the same key as auth.keys[0]'],
    ],
    [
      'a key named as nobody',
      'auth: { keys: [{ name: anonymous, key: 12345678x }] }',
      ['auth.keys[0].name: is what callers without a key are called'],
    ],
    [
      'an allowed host with a port',
      'http: { allowedHosts: ["pointsman.lan:5010"] }',
      ['http.allowedHosts[0]: must be a host name without scheme and port'],
    ],
    [
      'an allowed origin with a path',
      'http: { allowedOrigins: ["https://chat.example/app"] }',
      ['http.allowedOrigins[0]: must be an origin such as https://chat.example, without a path'],
    ],
    [
      'a heartbeat later than what it bridges',
      'timeouts: { firstContentMs: 8000 }',
      [
        'heartbeat.afterMs: is not below timeouts.firstContentMs, so no heartbeat could be sent; 0 turns them off',
      ],
    ],
    ['a heartbeat without pause', 'heartbeat: { everyMs: 0 }', ['heartbeat.everyMs: must be at least 1']],
    [
      'a breaker that shrinks',
      'breaker: { maxOpenMs: 4000 }',
      ['breaker.maxOpenMs: is below breaker.openMs'],
    ],
    [
      'a variable that is not set',
      `listen: ${from('NO_SUCH_VARIABLE')}`,
      ['listen: the variable NO_SUCH_VARIABLE is not set and has no default'],
    ],
    [
      'a file that is not there',
      backend(`apiKey: ${from('file:/run/secrets/none')}`),
      ['backends.box.apiKey: the file "/run/secrets/none" cannot be read'],
    ],
    [
      'two keys alike in one mapping',
      'log:\n  level: info\n  level: warn',
      ['line 3, column 3: this key is given twice'],
    ],
    [
      'a mapping begun on the line of its key',
      'a: b: c',
      [
        'line 1, column 4: a text with ": " in it must be quoted, and a nested mapping begins on its own line',
      ],
    ],
    [
      'a bracket left open',
      'models: {\n',
      ['line 2, column 1: the indentation is wrong, or a bracket is not closed'],
    ],
    ['a quote left open', 'listen: "x', ['line 1, column 11: a quote, bracket, comma or colon is missing']],
    ['a tab as indentation', 'log:\n\tlevel: warn', ['line 2, column 1: a tab cannot indent; use spaces']],
    ['an alias without anchor', 'log: *here', ['the file: an alias names no anchor, or there are too many']],
    ['a custom tag', 'listen: !env LISTEN', ['line 1, column 9: tags are not supported']],
    ['a tag for bytes', 'listen: !!binary aGk=', ['listen: tags are not supported']],
    [
      'a second document',
      'insecure: true\n---\ninsecure: false',
      ['line 2, column 1: a second document begins here; one file holds one'],
    ],
    ['a list as key', '? [a]\n: 1', ['line 1, column 3: a key must be a text']],
    ['an anchor inside itself', 'models: &a { m: *a }', ['models.m.m.m: is nested too deeply']],
    ['a file of another kind', `listen: ${'x'.repeat(2 ** 20)}`, ['the file: is longer than 1 MiB']],
  ];
  for (const [name, text, problems] of cases) {
    test(name, async () => {
      expect(await problemsOf(text)).toEqual(problems);
    });
  }

  test('every mistake is told at once', async () => {
    expect(await problemsOf('insecure: 1\nlog: { level: loud }\nqueu: {}')).toEqual([
      'insecure: must be true or false',
      'log.level: must be one of error, warn, info, debug',
      'queu: unknown key (did you mean "queue"?)',
    ]);
  });
});
