/** Redis as others run it: behind TLS with a certificate that no system trusts, and as a cluster. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RedisServer, startRedis } from './redis-server.ts';

export interface RedisShape {
  /** As `state.url` has it. */
  readonly url: string;
  /** As `state.ca` has it; empty without TLS. */
  readonly ca: string;
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

interface Certificate {
  readonly options: readonly string[];
  readonly pem: string;
  remove(): void;
}

/** Signed by itself, for loopback, for a day. */
const makeCertificate = (): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const { status, stderr } = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-keyout', key, '-out', certificate, '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ]);
  if (status !== 0) throw new Error(`openssl makes no certificate: ${stderr}`);
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  return {
    options: [...files, '--tls-auth-clients', 'no'],
    pem: readFileSync(certificate, 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** One server behind TLS. */
export const startRedisWithTls = async (): Promise<RedisShape> => {
  const certificate = makeCertificate();
  const port = await freePort();
  const server = await startRedis(['--tls-port', String(port), ...certificate.options]);
  return {
    url: `rediss://127.0.0.1:${port}`,
    ca: certificate.pem,
    servers: [server],
    stop: async () => {
      await server.stop();
      certificate.remove();
    },
  };
};

const slots = 16_384;

const clusterOptions = async (): Promise<readonly string[]> => [
  ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
  // A node that never met another does not know its own address, and names none.
  ...['--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '2000'],
];

const becomeCluster = async (servers: readonly RedisServer[]): Promise<void> => {
  const [first] = servers;
  const portOf = async (server: RedisServer): Promise<string> =>
    /cluster-port\r\n\$\d+\r\n(\d+)/.exec(await server.command('CONFIG', 'GET', 'cluster-port'))?.[1] ?? '';
  for (const [index, server] of servers.entries()) {
    const each = Math.ceil(slots / servers.length);
    const last = Math.min(slots, (index + 1) * each) - 1;
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(index * each), String(last));
    if (first === undefined || server === first) continue;
    await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first.port), await portOf(first));
  }
  for (const server of servers) {
    const isReady = async (): Promise<boolean> => {
      const info = await server.command('CLUSTER', 'INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${servers.length}`);
    };
    for (let attempt = 0; !(await isReady()); attempt += 1) {
      if (attempt === 400) throw new Error('the cluster does not come together');
      await Bun.sleep(25);
    }
  }
};

/** A cluster of so many nodes that share the slots. */
export const startRedisCluster = async (nodes: number): Promise<RedisShape> => {
  const servers = await Promise.all(
    Array.from({ length: nodes }, async () => startRedis(await clusterOptions())),
  );
  await becomeCluster(servers);
  return {
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    ca: '',
    servers,
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
};

/** A cluster of one node behind TLS. */
export const startRedisClusterWithTls = async (): Promise<RedisShape> => {
  const certificate = makeCertificate();
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cluster', 'yes', ...certificate.options];
  const server = await startRedis([...tls, ...(await clusterOptions())]);
  await becomeCluster([server]);
  return {
    url: `rediss+cluster://127.0.0.1:${port}`,
    ca: certificate.pem,
    servers: [server],
    stop: async () => {
      await server.stop();
      certificate.remove();
    },
  };
};
