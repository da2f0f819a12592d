/** The paths no real engine has: setting faults, killing the host, reading its counts. */

import { Hono } from 'hono';
import { asNumber, asObject, asString, type Json } from '../spec/json.ts';
import { type Fault, faultNames } from './faults.ts';
import type { HostCore } from './host-core.ts';
import type { HostStats } from './host-stats.ts';

const numbers = (
  fault: Json | undefined,
  name: 'after' | 'count' | 'forMs',
): { readonly [key: string]: number } => {
  const value = asNumber(asObject(fault)?.[name]);
  return value === undefined ? {} : { [name]: value };
};

const readFault = (body: Json): Fault | undefined => {
  const fields = asObject(body);
  const fault = faultNames.find((name) => name === fields?.fault);
  if (fault === undefined) return undefined;
  const model = asString(fields?.model);
  return {
    fault,
    ...numbers(body, 'after'),
    ...numbers(body, 'count'),
    ...numbers(body, 'forMs'),
    ...(model === undefined ? {} : { model }),
  };
};

/** Mounts `/sim/fault`, `/sim/kill` and `/sim/stats`. */
export const createControlApp = (core: HostCore, stats: () => HostStats): Hono => {
  const app = new Hono();
  app.get('/sim/stats', () => Response.json(stats()));
  app.get('/sim/fault', () => Response.json({ faults: core.faults.list() }));
  app.post('/sim/fault', async (context) => {
    const fault = readFault((await context.req.raw.json().catch(() => null)) as Json);
    if (fault === undefined) {
      return Response.json({ error: `fault must be one of ${faultNames.join(', ')}` }, { status: 400 });
    }
    core.setFault(fault);
    return Response.json({ faults: core.faults.list() });
  });
  app.delete('/sim/fault', () => {
    core.clearFaults();
    return Response.json({ faults: [] });
  });
  app.post('/sim/kill', (context) => {
    const forMs = Number(context.req.query('forMs') ?? Infinity);
    if (Number.isNaN(forMs) || forMs < 0)
      return Response.json({ error: 'forMs must be a number' }, { status: 400 });
    core.goDown(forMs);
    return Response.json({ killed: true });
  });
  return app;
};
