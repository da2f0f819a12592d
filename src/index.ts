/** Pointsman as a library: an application that another fetch handler can mount. */

export { parseConfig } from './config/parse.ts';
export type { Config } from './config/schema.ts';
export { type AppOptions, createApp, type PointsmanApp } from './http/app.ts';
export type { Clock, Fetch, FetchInit, FetchReply, Ports } from './spec/ports.ts';
