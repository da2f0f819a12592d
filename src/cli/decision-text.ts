/** A decision as a person reads it: what was asked, who was looked at, why the order is what it is, what happened. */

import type { Decision, DecisionCandidate, DecisionRank, DecisionRound } from '../spec/decision.ts';
import { table } from './table.ts';
import { durationText, plainText } from './words.ts';

const titles = [
  'PLACE',
  'BACKEND',
  'LANE',
  'MODEL IS',
  'BUSY',
  'SCORE',
  'WAIT',
  'LOAD',
  'PROMPT',
  'ANSWER',
  'FIRST TOKEN',
  'DONE',
  'WHY',
];

const stateWords = { hot: 'loaded', loading: 'loading', cold: 'cold', unknown: '?' } as const;

const number = (value: number): string => String(Math.round(value * 1000) / 1000);

const pairs = (values: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `${name} ${number(value)}`);

const factsOf = (candidate: DecisionCandidate | undefined): readonly string[] =>
  candidate === undefined
    ? ['-', '-', '-']
    : [candidate.lane, stateWords[candidate.residency.state], `${candidate.inflight}/${candidate.slots}`];

interface Placed {
  readonly backend: string;
  readonly upstream?: string | undefined;
}

/** With the model, where one backend may stand there with several. */
const placeText = ({ backend, upstream }: Placed): string =>
  upstream === undefined ? backend : `${backend} ${plainText(upstream)}`;

const rankedRow = (rank: DecisionRank, place: string, candidate: DecisionCandidate | undefined) => {
  const { waitMs, loadMs, prefillMs, decodeMs, firstTokenMs, totalMs } = rank.estimate;
  const times = [waitMs, loadMs, prefillMs, decodeMs, firstTokenMs, totalMs];
  const why = [...pairs(rank.tiers), ...pairs(rank.scores)].join(', ');
  return [place, placeText(rank), ...factsOf(candidate), number(rank.score), ...times.map(durationText), why];
};

const roundTable = ({ candidates, ranked, rejected, chosen }: DecisionRound): string => {
  const known = ({ backend, upstream }: Placed): DecisionCandidate | undefined =>
    candidates.find((each) => each.backend === backend && (upstream ?? each.upstream) === each.upstream);
  const marked = (place: string, backend: string): string => (backend === chosen ? `${place} *` : place);
  let free = 0;
  const rows = ranked.map((rank) => {
    if (rank.place === 'free') free += 1;
    const place = rank.place === 'free' ? String(free) : 'full';
    return rankedRow(rank, marked(place, rank.backend), known(rank));
  });
  const out = rejected.map(({ backend, upstream, reason }) => [
    marked('out', backend),
    placeText({ backend, upstream }),
    ...factsOf(known({ backend, upstream })),
    ...new Array<string>(7).fill('-'),
    reason,
  ]);
  return table(titles, [...rows, ...out]);
};

const askLine = ({ ask }: DecisionRound): string =>
  [
    ask.operation,
    ask.stream ? 'streamed' : 'whole',
    `intent ${ask.intent}`,
    `mode ${ask.mode}`,
    ...(ask.localOnly ? ['local only'] : []),
    ...(ask.strict === true ? ['strict'] : []),
    `${Math.round(ask.inputTokens)} tokens in`,
    `about ${Math.round(ask.outputTokens)} out`,
    ...(ask.needs.length > 0 ? [`needs ${ask.needs.join(' and ')}`] : []),
  ].join(', ');

const choiceLine = ({ auto }: Decision): string => {
  if (auto === undefined) return '';
  const { group, wanted, because, chosen, runnerUp } = auto;
  const named = (model: typeof chosen): string => (model === undefined ? 'none' : plainText(model.model));
  return `group ${group} wants ${wanted} (${because}): ${named(chosen)}, then ${named(runnerUp)}\n`;
};

const roundText = (round: DecisionRound, title: string): string => {
  const { why, ranked, rejected } = round;
  const nobody = ranked.length + rejected.length === 0;
  return `\n${title}: ${why}\n${nobody ? 'no backend has the model\n' : roundTable(round)}`;
};

const titleOf = (round: DecisionRound, index: number): string => {
  if (index === 0) return 'at arrival';
  const { tried } = round.ask;
  return tried.length === 0 ? 'when its turn came' : `without ${tried.join(' and ')}`;
};

const count = (value: number | undefined): string => (value === undefined ? '?' : String(value));

const endLines = ({ attempts, end }: Decision): readonly string[] => {
  const lines = attempts.map(({ backend, outcome, afterMs, dropped = [] }) =>
    outcome === 'served'
      ? `${backend} answered after ${durationText(afterMs)}${dropped.length > 0 ? `, without ${plainText(dropped.join(', '))}` : ''}`
      : `${backend} failed after ${durationText(afterMs)}: ${outcome}`,
  );
  if (end === undefined) return [...lines, 'it is still running'];
  if (end.outcome === 'planned') return lines;
  const { outcome, code, queueMs, firstContentMs, durationMs, inputTokens, outputTokens } = end;
  const times = `queued ${durationText(queueMs)}, first content ${durationText(firstContentMs)}, over after ${durationText(durationMs)}`;
  return [
    ...lines,
    `${outcome} (${code}): ${times}, ${count(inputTokens)} tokens in, ${count(outputTokens)} out`,
  ];
};

/** The whole text. A star marks the backend a request went to; its times count from arrival. */
export const decisionText = (decision: Decision): string => {
  const { requestId, atUnixMs, model, rounds } = decision;
  const [first] = rounds;
  const head = `${plainText(requestId)}  ${plainText(model)}  ${new Date(atUnixMs).toISOString()}\n`;
  const asked = first === undefined ? 'refused before any backend was looked at\n' : `${askLine(first)}\n`;
  const looks = rounds.map((round, index) => roundText(round, titleOf(round, index))).join('');
  const ended = endLines(decision);
  return `${head}${asked}${choiceLine(decision)}${looks}${ended.length > 0 ? `\n${ended.join('\n')}\n` : ''}`;
};
