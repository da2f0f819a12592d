/** Every default of the configuration, each with its reason beside it. Imports core. */

import { doublingBuckets } from '../core/context-policy.ts';

/** The values a configuration has where it says nothing; sizes are texts here because a person reads them. */
export const defaults = {
  // Loopback, because an open port is a decision; 5010 is clear of every engine's own default.
  listen: '127.0.0.1:5010',
  // Listening wider without a key is refused until somebody says that it is meant.
  insecure: false,
  // It needs no ranking, and no other was better over simulated fleets of all sorts.
  strategy: 'expected_finish',
  // Whatever is configured is meant to be used.
  mode: 'hybrid',
  requests: {
    // Who runs the fleet decides how it is used; a caller that always asks for the best host makes others wait.
    policy: false,
    // A name that ends so would be read in two ways; only clients that can send neither field nor header need it.
    intentSuffixes: false,
  },
  affinity: {
    // A client that names its session says that more will come.
    sessions: true,
    // To read a long conversation anew takes longer than any wait that this makes.
    prefixes: true,
  },
  context: {
    // Doubling: at most twice the memory that was asked for, and few sizes to reload between.
    buckets: [...doublingBuckets],
    // Each of them loads the model anew for one caller and again for the next.
    allowedOptions: [],
  },
  model: {
    // The zone of a backend is the general rule; a model is bound where its data are.
    localOnly: false,
  },
  retryBudget: {
    // The first failures of a day are not the time to save.
    tokens: 20,
    // At most a fifth more attempts than requests in the long run: a fleet in trouble is not asked twice for everything.
    perRequest: 0.2,
    // An instance with one caller may still fail over.
    perSecond: 1,
  },
  decisions: {
    // The last minutes of an office, or the last days of a household. What is kept lies between the young objects of
    // the requests that follow, and with 256 of them each small request costs a tenth more.
    keep: 64,
  },
  responses: {
    // Thousands of plain turns, or a few hundred of an agent that sends its whole workspace.
    maxBytes: '64MiB',
    // One key can fill half of it, so that those who share the rest are not forgotten because of it.
    maxKeyBytes: '32MiB',
    // A conversation that is taken up again the next morning still goes on.
    keepMs: 86_400_000,
  },
  // The first host, one failover and one more; beyond that the caller waits longer than a retry is worth.
  maxAttempts: 3,
  backend: {
    // One tier for all, so that lane and load decide until somebody ranks hosts.
    priority: 1,
  },
  timeouts: {
    // A live host sends headers within this unless it loads a model; asking its version tells which it is.
    headersMs: 5_000,
    // A large model read from a slow disk takes minutes, and that is no failure.
    firstContentMs: 300_000,
    // A model that answers at all gives a token within seconds; a minute of silence is a stall.
    betweenChunksMs: 60_000,
    // None: a slow processor may rightly need an hour for one answer.
    totalMs: 0,
    // Long enough for most running answers to end, short enough for a restart by a service manager.
    drainMs: 30_000,
  },
  heartbeat: {
    // The strictest common idle timer cuts at 10 s; a sign of life comes before it.
    afterMs: 8_000,
    // Two signs fit in any 10 s window, so that one delayed write is survived.
    everyMs: 5_000,
  },
  queue: {
    // More than a household or a small office asks at once; beyond it waiting is worse than an honest 503.
    maxRequests: 256,
    // Four of the largest bodies, so that waiting images cannot eat the memory.
    maxBodyBytes: '256MiB',
    // Most clients give up after a minute; a place in the queue held longer serves nobody.
    maxWaitMs: 60_000,
    // A job has minutes, but not so many that its caller is forgotten.
    maxBatchWaitMs: 300_000,
    // Four can fill it between them; one alone cannot keep the others out.
    keyShare: 0.25,
    // Those who wait in person hardly notice what runs beside them, and batch still moves.
    interactiveShare: 8,
  },
  probe: {
    // A dead host is out of the way within seconds, at the cost of a few small requests a minute.
    intervalMs: 5_000,
    // A live engine on a LAN lists its models in milliseconds, also while it works.
    timeoutMs: 1_000,
  },
  breaker: {
    // One failure is chance, two may be a restart; three in a row is a state.
    failures: 3,
    // The time of a quick engine restart.
    openMs: 5_000,
    // A host that is repaired is found again within two minutes, however long it was broken.
    maxOpenMs: 120_000,
  },
  state: {
    // One instance has nobody to share with, and needs nothing beside it.
    driver: 'memory',
    // Whoever could write there would be sent prompts; who runs the fleet says that it is meant.
    findPeers: false,
  },
  auth: {
    // The least a key must be able to do to be of use; metrics and admin are given by name.
    scopes: ['inference'],
    // A key may use whatever the fleet has, until it is bound.
    localOnly: false,
    // Most callers are people or act for one who waits.
    class: 'interactive',
    // Passwords in URLs end up in logs; only clients that cannot do otherwise are worth it.
    basic: false,
  },
  http: {
    // Room for several large images in base64.
    maxBodyBytes: '64MiB',
    // No honest request nests deeper, and parsers and serialisers break far above it.
    maxDepth: 64,
    // A few kilobytes of gzip unpack to gigabytes, and no known client compresses what it sends.
    compressedBodies: false,
  },
  log: {
    // A terminal that is quiet while all is well is one that is read.
    level: 'warn',
    // One line per request is noise for a person and is there when it is asked for.
    requests: false,
    // Some kilobytes for each request: of use to replay traffic under another policy, and else only ballast.
    decisions: false,
  },
} as const;
