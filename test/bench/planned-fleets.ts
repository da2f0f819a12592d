/** The fleets that decisions are timed on: more and more that is idle around the same number of hosts to choose from. */

export interface PlannedFleet {
  /** What stands in the table. */
  readonly name: string;
  readonly models: number;
  /** How many of the models requests are for; the others are idle. */
  readonly asked: number;
  readonly backends: number;
  /** How many of the backends have each model. */
  readonly hostsEach: number;
  /** What one decision may take. */
  readonly p99Us?: number;
}

const busy = { asked: 10, hostsEach: 10, p99Us: 50 };

/** In the last one nothing is idle, and every request has the choice of a hundred hosts. */
export const plannedFleets: readonly PlannedFleet[] = [
  { name: '10 models on 10 hosts', models: 10, backends: 10, ...busy },
  { name: '100 on 100', models: 100, backends: 100, ...busy },
  { name: '1,000 on 100', models: 1000, backends: 100, ...busy },
  { name: '1,000 on 100, all asked for', models: 1000, backends: 100, ...busy, asked: 1000 },
  { name: '100 on 100, each on all', models: 100, asked: 10, backends: 100, hostsEach: 100 },
];

/** Whether a host has a model: each model is on a run of neighbours, so that all hosts have equally many. */
export const isPlaced = (
  model: number,
  host: number,
  { backends, hostsEach }: Pick<PlannedFleet, 'backends' | 'hostsEach'>,
): boolean => (host - model + backends * model) % backends < hostsEach;

/** What decisions took. */
export interface PlanTimes {
  readonly p50Us: number;
  readonly p99Us: number;
}
