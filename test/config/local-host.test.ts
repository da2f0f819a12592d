import { describe, expect, test } from 'bun:test';
import { isLocalHost, isLoopbackHost } from '../../src/config/local-host.ts';

const hostname = (host: string): string => new URL(`http://${host}/`).hostname;

describe('hosts by nearness', () => {
  const loopback = [
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ];
  const local = [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.0.1',
  ];
  const named = [
    'gpu-box',
    'gpu.local',
    'host.docker.internal',
    'model-runner.docker.internal',
    'nas.home.arpa',
    'nas.',
  ];
  const v6 = ['[fc00::1]', '[fd12:3456::1]', '[fe80::1]', '[::ffff:10.0.0.1]'];
  const far = [
    'api.example.com',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '11.0.0.1',
  ];
  const misleading = [
    '[2001:db8::1]',
    '[::ffff:8.8.8.8]',
    '127.0.0.1.example.com',
    'local.example',
    'notlocal.internal.com',
    'fd12.example',
  ];

  for (const host of loopback) {
    test(`${host} is this machine`, () => {
      expect([isLoopbackHost(hostname(host)), isLocalHost(hostname(host))]).toEqual([true, true]);
    });
  }
  for (const host of [...local, ...named, ...v6]) {
    test(`${host} is near but not this machine`, () => {
      expect([isLoopbackHost(hostname(host)), isLocalHost(hostname(host))]).toEqual([false, true]);
    });
  }
  for (const host of [...far, ...misleading]) {
    test(`${host} is far`, () => {
      expect([isLoopbackHost(hostname(host)), isLocalHost(hostname(host))]).toEqual([false, false]);
    });
  }
});
