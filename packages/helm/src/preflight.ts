import type { Asked, Finding, PortContext } from '@shepherd/core';
import type { HelmClient } from './binary/helm-client.js';
import type { HelmVersion } from './binary/version.js';
import { deploymentIn } from './chart/objects.js';
import type { PlatformBelow } from './helm.js';
import type { ChartRelease } from './options.js';
import type { HelmReleases } from './releases.js';

/** Patches with which each major got its last security fixes (EC 9). */
const floors: Readonly<Record<3 | 4, readonly [minor: number, patch: number]>> = { 3: [20, 2], 4: [1, 4] };

interface Parts {
  readonly below: PlatformBelow;
  readonly releases: HelmReleases;
  readonly client: HelmClient;
}

/** Everything that stands in the way of this chart: helm itself, and what the platform below says of what the chart renders. Writes nothing. */
export async function preflightChart(
  { below, releases, client }: Parts,
  context: PortContext,
  { release, needs }: Asked<ChartRelease>,
): Promise<readonly Finding[]> {
  const [version, { rendered }] = await Promise.all([client.version(context), releases.charts.seen(context, release)]);
  const deployment = deploymentIn(rendered.objects, context.app.name, release.chart);
  const ofObjects = (await below.preflight?.(context, { release: { manifests: [deployment] }, needs: { ...needs, beside: rendered.objects } })) ?? [];
  return [...versionFindings(version), ...ofObjects];
}

/** Pure. */
export function versionFindings({ major, text }: HelmVersion): readonly Finding[] {
  const [minor, patch] = floors[major];
  const [, isMinor = '0', isPatch = '0'] = /^v?\d+\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  const old = Number(isMinor) < minor || (Number(isMinor) === minor && Number(isPatch) < patch);
  return [
    { id: 'helm', level: 'note', object: 'helm', message: `helm ${text}`, fix: 'nothing to do' },
    ...(old
      ? [
          {
            id: 'helm-old',
            level: 'warning' as const,
            object: 'helm',
            message: `helm ${text} works, and lacks fixes of security that ${major}.${minor}.${patch} has`,
            fix: `install helm ${major}.${minor}.${patch} or newer`,
          },
        ]
      : []),
  ];
}
