/** Reads the counts out of the XML report of a test run. */

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const attribute = (tag: string, name: string): number =>
  Number(new RegExp(`\\b${name}="(\\d+)"`).exec(tag)?.[1] ?? NaN);

/** Gives nothing where the text is no whole report, such as one that a crash cut short. */
export const readJunitCounts = (xml: string): TestCounts | undefined => {
  const tag = /<testsuites\b[^>]*>/.exec(xml)?.[0];
  if (tag === undefined || !xml.includes('</testsuites>')) return undefined;
  const [tests, failed, skipped] = [
    attribute(tag, 'tests'),
    attribute(tag, 'failures'),
    attribute(tag, 'skipped'),
  ];
  return Number.isNaN(tests + failed + skipped)
    ? undefined
    : { passed: tests - failed - skipped, failed, skipped };
};
