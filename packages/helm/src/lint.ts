import type { Finding, PlanNeeds, PortContext } from '@shepherd/core';
import { wordsOf } from './binary/explain.js';
import { deploymentIn } from './chart/objects.js';
import type { PlatformBelow } from './helm.js';
import type { ChartRelease } from './options.js';
import type { HelmReleases } from './releases.js';

/** What will go wrong with a chart: what `helm lint` says, and what the platform below says of its Deployment. Writes nothing. */
export async function lintChart(
  { below, releases }: { readonly below: PlatformBelow; readonly releases: HelmReleases },
  context: PortContext,
  release: ChartRelease,
  needs: PlanNeeds,
): Promise<readonly Finding[]> {
  const [{ rendered }, linted, { stable }, unfit] = await Promise.all([
    releases.charts.seen(context, release),
    releases.charts.lintText(context, release),
    below.tracks.inspect(context),
    needs.candidate ? releases.candidates.unfit(context, release, needs) : [],
  ]);
  const deployment = deploymentIn(rendered.objects, context.app.name, release.chart);
  const ofPods = stable === undefined ? [] : await below.lint?.(context, { manifests: [deployment] }, { ...needs, beside: rendered.objects });
  return [...unfit.map((reason) => rollingOnly(release, reason)), ...findingsIn(linted, release), ...(ofPods ?? [])];
}

const rollingOnly = ({ chart }: ChartRelease, reason: string): Finding => ({
  id: 'chart-candidate',
  level: 'error',
  object: chart,
  message: `chart ${chart} can only be rolled this time: ${reason}`,
  fix: 'use the rolling strategy for this release',
});

/** `[ERROR] templates/: …` as findings; what is only recommended is left out. Pure. */
export function findingsIn(text: string, { chart }: Pick<ChartRelease, 'chart'>): readonly Finding[] {
  return wordsOf(text).flatMap((line): readonly Finding[] => {
    const [, level, message] = /^\[(ERROR|WARNING)\] (.*)$/.exec(line) ?? [];
    if (message === undefined) return [];
    return [
      {
        id: 'helm-lint',
        level: level === 'ERROR' ? 'error' : 'warning',
        object: chart,
        message: `helm lint: ${message}`,
        fix: `correct the chart: helm lint ${chart}`,
      },
    ];
  });
}
