/** A curve of what is recovered against what is sent on, for a terminal and as a picture. */

import type { CurvePoint } from '../gateway/scoring.ts';

const columns = 50;
const rows = 14;

/** The height of the curve at a share. */
const heightAt = (points: readonly CurvePoint[], sent: number): number => {
  for (let index = 1; index < points.length; index += 1) {
    const from = points[index - 1];
    const to = points[index];
    if (from === undefined || to === undefined || to.sent < sent) continue;
    const width = to.sent - from.sent;
    return width === 0
      ? to.recovered
      : from.recovered + ((to.recovered - from.recovered) * (sent - from.sent)) / width;
  }
  return points.at(-1)?.recovered ?? 0;
};

/** Stars for the curve, dots for chance. */
export const curveText = (points: readonly CurvePoint[]): string => {
  const lines: string[] = [];
  for (let row = rows; row >= 0; row -= 1) {
    let line = '';
    for (let column = 0; column <= columns; column += 1) {
      const own = Math.round(heightAt(points, column / columns) * rows);
      const chance = Math.round((column / columns) * rows);
      line += own === row ? '*' : chance === row ? '.' : ' ';
    }
    const label = row === rows ? '100 %' : row === 0 ? '  0 %' : '';
    lines.push(`${label.padStart(6)} |${line.trimEnd()}`);
  }
  lines.push(`       +${'-'.repeat(columns + 1)}`);
  lines.push(`        0 %  sent to the strong model${' '.repeat(columns - 38)}100 %`);
  return `recovered of what the strong model gains (* measured, . by chance)\n${lines.join('\n')}\n`;
};

const size = 480;
const margin = 48;

const place = ({ sent, recovered }: CurvePoint, top: number): string =>
  `${(margin + sent * (size - 2 * margin)).toFixed(1)},${(size - margin - (recovered / top) * (size - 2 * margin)).toFixed(1)}`;

const thinned = (points: readonly CurvePoint[]): readonly CurvePoint[] => {
  const step = Math.max(1, Math.floor(points.length / 400));
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
};

/** The same as an SVG. */
export const curveSvg = (points: readonly CurvePoint[], title: string): string => {
  const top = Math.max(1, ...points.map(({ recovered }) => recovered));
  const line = thinned(points)
    .map((point) => place(point, top))
    .join(' ');
  const chance = [place({ sent: 0, recovered: 0 }, top), place({ sent: 1, recovered: 1 }, top)].join(' ');
  const end = size - margin;
  const safe = title.replace(/[<>&"]/g, ' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" font-family="sans-serif" font-size="13">
<title>${safe}</title>
<rect width="${size}" height="${size}" fill="white"/>
<text x="${margin}" y="24">${safe}</text>
<path d="M${margin} ${margin}V${end}H${end}" fill="none" stroke="#444"/>
<polyline points="${chance}" fill="none" stroke="#999" stroke-dasharray="4 4"/>
<polyline points="${line}" fill="none" stroke="#1b6ca8" stroke-width="2"/>
<text x="${size / 2}" y="${size - 14}" text-anchor="middle">share sent to the strong model</text>
<text x="16" y="${size / 2}" text-anchor="middle" transform="rotate(-90 16 ${size / 2})">share of the gain recovered</text>
</svg>
`;
};
