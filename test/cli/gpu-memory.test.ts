import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localProcess } from '../../adapters/local-process.ts';
import { findGpuReading } from '../../src/cli/gpu-memory.ts';
import type { Runtime } from '../../src/cli/runtime.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { nvidiaAsked, rocmAsked, writeTool, writeTree } from './gpu-tools.ts';

let folder: string;
const path = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pointsman-gpu-'));
  process.env.PATH = `${join(folder, 'bin')}:${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs programs for real, and has the kernel's files under a root of its own. */
const machine = (): Runtime => ({
  ...fakeRuntime({}),
  run: localProcess().run,
  readTextFile: (file) => readFile(join(folder, 'root', file), 'utf8'),
});

const tool = (name: string, asked: string, text: string, exit = 0): void =>
  writeTool(join(folder, 'bin'), name, asked, { text, exit });
const nvidia = (text: string, exit = 0): void => tool('nvidia-smi', nvidiaAsked, text, exit);
const rocm = (text: string, exit = 0): void => tool('rocm-smi', rocmAsked, text, exit);
const kernel = (files: Readonly<Record<string, string>>): void => writeTree(join(folder, 'root'), files);

const told = async () => (await findGpuReading(machine()))?.();

const mebibyte = 2 ** 20;
const heading = 'device,VRAM Total Memory (B),VRAM Total Used Memory (B)';

describe('GPU memory', () => {
  test('is unknown where no tool and no driver tells it', async () => {
    nvidia('', 127);
    rocm('', 127);
    expect(await findGpuReading(machine())).toBeUndefined();
  });

  test('is what nvidia-smi tells of one card, and the sum over several', async () => {
    nvidia('24564, 22041');
    expect(await told()).toEqual({ totalBytes: 24_564 * mebibyte, freeBytes: 22_041 * mebibyte });
    nvidia('24564, 22041\n81559, 512');
    expect(await told()).toEqual({ totalBytes: 106_123 * mebibyte, freeBytes: 22_553 * mebibyte });
  });

  test('is not made up from a card that does not tell it', async () => {
    nvidia('[N/A], [N/A]');
    rocm('', 1);
    expect(await told()).toBeUndefined();
    nvidia('[N/A], [N/A]\n24564, 22041');
    expect(await told()).toEqual({ totalBytes: 24_564 * mebibyte, freeBytes: 22_041 * mebibyte });
  });

  test('is unknown where the tool cannot speak with its driver', async () => {
    nvidia(
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
      9,
    );
    rocm('', 127);
    expect(await told()).toBeUndefined();
  });

  test('is what rocm-smi tells, whatever it says around it', async () => {
    nvidia('', 127);
    rocm(`${heading}\ncard0,17163091968,25653248\n`);
    expect(await told()).toEqual({ totalBytes: 17_163_091_968, freeBytes: 17_137_438_720 });
    rocm(
      `WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status\n\n${heading}\ncard0,17163091968,25653248\ncard1,25753026560,1048576\n\n`,
    );
    expect(await told()).toEqual({ totalBytes: 42_916_118_528, freeBytes: 42_889_416_704 });
  });

  test('is what the driver for AMD tells, over its cards alone', async () => {
    nvidia('1, 1');
    kernel({
      // The first card is the board's own and has no such files; connectors stand beside the cards.
      '/sys/class/drm/card0/device/vendor': '0x1a03\n',
      '/sys/class/drm/card1/device/mem_info_vram_total': '17163091968\n',
      '/sys/class/drm/card1/device/mem_info_vram_used': '25653248\n',
      '/sys/class/drm/card1-DP-1/status': 'disconnected\n',
      '/sys/class/drm/card2/device/mem_info_vram_total': '25753026560\n',
      '/sys/class/drm/card2/device/mem_info_vram_used': '1048576\n',
    });
    expect(await told()).toEqual({ totalBytes: 42_916_118_528, freeBytes: 42_889_416_704 });
  });

  test('is read anew each time, by the way that was found first', async () => {
    nvidia('24564, 22041');
    const read = await findGpuReading(machine());
    nvidia('24564, 1000');
    expect(await read?.()).toEqual({ totalBytes: 24_564 * mebibyte, freeBytes: 1_000 * mebibyte });
    nvidia('Unable to determine the device handle for GPU0000:01:00.0: Unknown Error', 15);
    expect(await read?.()).toBeUndefined();
  });
});
