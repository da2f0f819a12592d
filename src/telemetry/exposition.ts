/** Prometheus' text format, version 0.0.4: pure functions from figures to lines. */

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One figure: `suffix` is put behind the metric's name, as `_sum` of a histogram is. */
export interface Sample {
  readonly labels: string;
  readonly value: number;
  readonly suffix?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly samples: readonly Sample[];
}

/** What a scraper expects to be told. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8';

const escaped = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

/** Labels as they stand between the braces; made once per series, not per observation. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');

const line = (name: string, { labels, value, suffix = '' }: Sample): string =>
  `${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${Number.isFinite(value) ? value : 0}`;

/** The whole page. */
export const exposition = (families: readonly MetricFamily[]): string =>
  families
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map((sample) => line(name, sample)),
      ].join('\n'),
    )
    .join('\n\n')
    .concat('\n');

/** A family in the order people read one. */
export const family = (
  type: MetricFamily['type'],
  name: string,
  help: string,
  samples: readonly Sample[],
): MetricFamily => ({ name, help, type, samples });
