/** A replay as a person reads it: how much would change, for better or worse, and where. */

import type { ReplayReport } from '../gateway/replay-decisions.ts';
import { table } from './table.ts';
import { durationText, plainText } from './words.ts';

/** More rows than this are for a script. */
const shownRequests = 40;

type Spread = ReplayReport['summary']['firstContent']['recorded'];

const spreadRow = (name: string, spread: Spread): readonly string[] =>
  spread === undefined
    ? [name, '0', '-', '-', '-']
    : [name, String(spread.count), ...[spread.meanMs, spread.p50Ms, spread.p95Ms].map(durationText)];

type Row = ReplayReport['requests'][number];

const otherTime = ({ other }: Row): string => {
  if (other.backend === undefined) return other.why;
  return `${durationText(other.firstContentMs)} (${other.basis}${other.start === 'waits' ? ', waits' : ''})`;
};

const requestRow = (row: Row): readonly string[] => [
  plainText(row.requestId),
  plainText(row.model),
  row.recorded.backend ?? '-',
  durationText(row.recorded.firstContentMs),
  row.other.backend ?? '-',
  otherTime(row),
];

/** The whole text. */
export const replayText = ({ policy, requests, unplanned, summary }: ReplayReport): string => {
  const { firstContent, same, elsewhere, nowhere, estimates, backends } = summary;
  const moved = requests.filter(({ recorded, other }) => recorded.backend !== other.backend);
  const rest = moved.length - shownRequests;
  const parts = [
    `${summary.requests} requests under ${policy}: ${same} to the same backend, ${elsewhere} to another, ${nowhere} to none\n`,
    unplanned > 0 ? `${unplanned} more were refused before any backend was looked at\n` : '',
    '\n',
    table(
      ['FIRST CONTENT', 'REQUESTS', 'MEAN', 'P50', 'P95'],
      [
        spreadRow('recorded', firstContent.recorded),
        spreadRow('recorded, as estimated', firstContent.recordedAsEstimated),
        spreadRow(`${policy}, ${estimates} of them estimates`, firstContent.other),
      ],
    ),
    '\n',
    table(
      ['BACKEND', 'RECORDED', policy.toUpperCase()],
      backends.map(({ backend, recorded, other }) => [backend, String(recorded), String(other)]),
    ),
  ];
  if (moved.length > 0) {
    parts.push(
      '\n',
      table(
        ['REQUEST', 'MODEL', 'RECORDED', 'FIRST CONTENT', 'OTHER', 'FIRST CONTENT'],
        moved.slice(0, shownRequests).map(requestRow),
      ),
    );
  }
  if (rest > 0) parts.push(`and ${rest} more (--json shows all)\n`);
  return parts.join('');
};
