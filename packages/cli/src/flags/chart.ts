import type { Issue } from '@shepherd/core';
import type { ChartRelease } from '@shepherd/helm';
import type { Settings } from '../config/settings.js';
import type { PlanFlags } from './flags.js';
import { setValues } from './set-values.js';

/** The chart that is asked for: by flags, or by the config where no image or environment is named. Values of flags come after those of the config. */
export function readChart(flags: PlanFlags, settings: Settings, issues: Issue[]): ChartRelease | undefined {
  const { chart = settings.chart, chartVersion, values = [], set = [], image, env } = flags;
  const asked = flags.chart !== undefined || values.length > 0 || set.length > 0;
  const byImage = image !== undefined || env !== undefined;
  if (byImage && flags.chart !== undefined) issues.push({ path: '--chart', got: flags.chart, expected: 'either a chart or --image and --env' });
  if (byImage && (values.length > 0 || set.length > 0))
    issues.push({ path: '--values', got: 'it beside --image or --env', expected: 'a chart, whose values name the image: --set image.tag=1.3.0' });
  if (byImage) return undefined;
  if (chart === undefined) {
    if (asked) issues.push({ path: values.length > 0 ? '--values' : '--set', got: 'no chart', expected: '--chart, or chart in shepherd.config' });
    return undefined;
  }
  const objects = set.flatMap((text): readonly object[] => {
    const read = setValues(text);
    if (read === undefined)
      issues.push({ path: '--set', got: JSON.stringify(text.split('=')[0]), expected: 'NAME=VALUE, as image.tag=1.3.0; lists by number belong into a file' });
    return read === undefined ? [] : [read];
  });
  const all = [...(settings.values ?? []), ...values, ...objects];
  const version = chartVersion ?? (flags.chart === undefined ? settings.chartVersion : undefined);
  return { chart, ...(version === undefined ? {} : { version }), ...(all.length === 0 ? {} : { values: all }) };
}
