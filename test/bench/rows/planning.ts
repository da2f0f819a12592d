/** What a decision takes, and whether it takes more where more is configured that nobody asks for. */

import { fileURLToPath } from 'node:url';
import type { Figure, Row } from '../figures.ts';
import { pinned } from '../pinned.ts';
import { type PlanTimes, plannedFleets } from '../planned-fleets.ts';
import type { Session } from '../session.ts';

interface Measured {
  readonly alone: PlanTimes;
  readonly whole: readonly PlanTimes[];
}

const program = fileURLToPath(new URL('../planning.ts', import.meta.url));

const measured = async (decisions: number): Promise<Measured> => {
  const command = pinned('proxy', [process.execPath, program, String(decisions)]);
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error('the decisions could not be timed');
  return JSON.parse(output) as Measured;
};

const figuresOf = (
  name: string,
  { p50Us, p99Us }: PlanTimes,
  limitUs: number | undefined,
): readonly Figure[] => [
  { name: `${name}, p50`, unit: 'µs', values: { bun: p50Us } },
  {
    name: `${name}, p99`,
    unit: 'µs',
    values: { bun: p99Us },
    ...(limitUs === undefined ? {} : { floors: { bun: limitUs } }),
  },
];

/** No proxy takes part: one process decides, of its own records, and sends nothing. */
export const planning = async ({ sizes }: Session): Promise<Row> => {
  const { alone, whole } = await measured(sizes.decisions);
  return {
    id: 'plan',
    title: 'Decisions, from what is known of the hosts to a plan',
    figures: [
      ...figuresOf('16 candidates, the planner alone', alone, 20),
      ...plannedFleets.flatMap(({ name, p99Us }, index) => {
        const times = whole[index];
        return times === undefined ? [] : figuresOf(name, times, p99Us);
      }),
    ],
  };
};
