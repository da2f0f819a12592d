/** Clients that leave. */

import { caseGroup } from './case-group.ts';
import { closeDepartureBench, departureCases, openDepartureBench } from './departure-cases.ts';

export const departureGroup = caseGroup({
  title: 'leaving clients',
  needs: 'an engine that tells when its connection closes',
  open: openDepartureBench,
  close: closeDepartureBench,
  cases: departureCases,
});
