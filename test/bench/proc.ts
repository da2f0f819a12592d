/** What Linux tells of a process in `/proc`. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK']).stdout?.toString() || 100);

const statusKilobytes = (pid: number, field: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
};

/** Processor time of all threads since the start, in user and kernel mode, in microseconds. */
export const processorTimeUs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the name in brackets and may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
};

/** Memory in use now, in bytes. */
export const residentBytes = (pid: number): number => statusKilobytes(pid, 'VmRSS') * 1024;

/** The most memory in use since `resetPeak`, in bytes. */
export const peakBytes = (pid: number): number => statusKilobytes(pid, 'VmHWM') * 1024;

/** Starts the peak anew from what is in use now. */
export const resetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The process that does the work where a launcher started another one; each launcher has one child. */
export const lastDescendant = (pid: number): number => {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ');
  return child === undefined || child === '' ? pid : lastDescendant(Number(child));
};
