import { shepherd } from './policies/ours.js';
import type { Summary } from './summary.js';

const size = { width: 760, height: 460, left: 64, right: 24, top: 56, bottom: 56 };
const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Each rule as a point: good releases taken back to the right, bad ones missed upwards; the best rule is in the corner. Square roots, so that small shares can be told apart. */
export function chart(summaries: readonly Summary[]): string {
  const { width, height, left, right, top, bottom } = size;
  const x = (percent: number): number => left + Math.sqrt(percent / 100) * (width - left - right);
  const y = (percent: number): number => height - bottom - Math.sqrt(percent / 100) * (height - top - bottom);
  const ticks = [0, 1, 5, 10, 25, 50, 100];
  const grid = ticks.flatMap((tick) => [
    `<path d="M${x(tick).toFixed(1)} ${top}V${height - bottom}M${left} ${y(tick).toFixed(1)}H${width - right}" stroke="#ccc" stroke-width="0.5"/>`,
    `<text x="${x(tick).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${tick} %</text>`,
    `<text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick} %</text>`,
  ]);
  const points = placed(summaries.map(({ policy, falseAbortMean, missed }) => ({ policy, px: x(falseAbortMean), py: y(missed) }))).flatMap(
    ({ policy, px, py, label }) => [
      `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="5" fill="${policy.startsWith(shepherd.name) ? '#06c' : policy === 'oracle' ? '#999' : '#c40'}"/>`,
      `<text x="${(px + (px > width - 180 ? -9 : 9)).toFixed(1)}" y="${label.toFixed(1)}" text-anchor="${px > width - 180 ? 'end' : 'start'}">${escape(policy)}</text>`,
    ],
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="24" font-size="15">Good releases taken back against bad ones missed, of each rule; the lower left is best</text>`,
    ...grid,
    ...points,
    `<text x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle">good releases taken back, mean over cells (root scale)</text>`,
    `<text transform="translate(16 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">bad releases missed, mean over cells that can be told (root scale)</text>`,
    '</svg>',
    '',
  ].join('\n');
}

interface Point {
  readonly policy: string;
  readonly px: number;
  readonly py: number;
}

/** Labels one below the other where points are close. */
function placed(points: readonly Point[]): readonly (Point & { readonly label: number })[] {
  const done: (Point & { label: number })[] = [];
  for (const point of points.toSorted((a, b) => a.py - b.py)) {
    let label = point.py + 4;
    for (const other of done) if (Math.abs(other.px - point.px) < 170 && label - other.label < 14) label = Math.max(label, other.label + 14);
    done.push({ ...point, label });
  }
  return done;
}
