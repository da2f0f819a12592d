/** Every default of the configuration, each with its reason beside it. Imports nothing. */

/** The values a configuration has where it says nothing; sizes are texts here because a person reads them. */
export const defaults = {
  // Loopback, because an open port is a decision; 5010 is clear of every engine's own default.
  listen: '127.0.0.1:5010',
  // Listening wider without a key is refused until somebody says that it is meant.
  insecure: false,
  // Predictable: what the file ranks first is used first, and the rest is spare.
  strategy: 'priority',
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
  auth: {
    // The least a key must be able to do to be of use; metrics and admin are given by name.
    scopes: ['inference'],
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
  },
} as const;
