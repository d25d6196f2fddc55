import type { PortContext } from '@shepherd/core';
import { parse } from 'yaml';
import type { HelmClient } from '../binary/helm-client.js';
import type { ChartRelease } from '../options.js';
import { type ChartObject, nameOf, objectsOf } from './objects.js';
import { withValueFiles } from './values.js';

/** A chart with its values, as helm would write it now. Holds Secret data: never log it. */
export interface Rendered {
  readonly chart: string;
  readonly version: string;
  readonly objects: readonly ChartObject[];
  /** `Job migrate (pre-upgrade)`. */
  readonly hooks: readonly string[];
  readonly hasCrds: boolean;
}

interface DryRun {
  readonly manifest?: string;
  readonly hooks?: readonly { readonly name: string; readonly kind: string; readonly events?: readonly string[] }[] | null;
  readonly chart?: {
    readonly metadata?: { readonly name?: string; readonly version?: string };
    readonly files?: readonly { readonly name: string }[] | null;
  };
}

/** What says where a chart comes from and which one. */
export const chartFlags = ({ version, repo }: ChartRelease): readonly string[] => [
  ...(version === undefined ? [] : [`--version=${version}`]),
  ...(repo === undefined ? [] : [`--repo=${repo}`]),
];

/**
 * Renders a chart against the cluster, which stores nothing (KC HM-9). `stuck`: helm would refuse a dry run of the upgrade, because a release is unfinished.
 * @throws ShepherdError ERR_CHART, ERR_CHART_VALUES, ERR_TOOL …
 */
export async function render(
  helm: HelmClient,
  context: PortContext,
  release: ChartRelease,
  { name, stuck }: { readonly name: string; readonly stuck: boolean },
): Promise<Rendered> {
  return withValueFiles(release.values ?? [], async (files) => {
    const flags = [...chartFlags(release), ...files, '--dry-run=server', '--disable-openapi-validation'];
    const call = { release: name, chart: release.chart, operands: [name, release.chart] };
    if (stuck)
      return fromTemplate(
        await helm.run(context, { ...call, command: ['template'], flags: [...flags, '--is-upgrade'] }),
        await shown(helm, context, release, name),
        release,
      );
    const upgrade = { ...call, command: ['upgrade'], flags: ['--install', '--reset-values', '--output=json', '--hide-notes', ...flags] };
    return fromDryRun(JSON.parse(await helm.run(context, upgrade)) as DryRun, release);
  });
}

function fromDryRun({ manifest = '', hooks, chart }: DryRun, release: ChartRelease): Rendered {
  return {
    chart: chart?.metadata?.name ?? release.chart,
    version: chart?.metadata?.version ?? '',
    objects: objectsOf(manifest, release.chart),
    hooks: (hooks ?? []).map(({ kind, name, events = [] }) => `${kind} ${name} (${events.join(', ')})`),
    hasCrds: (chart?.files ?? []).some((file) => file.name.startsWith('crds/')),
  };
}

/** The name and version of a chart, as it says itself. */
async function shown(
  helm: HelmClient,
  context: PortContext,
  release: ChartRelease,
  name: string,
): Promise<{ readonly name: string; readonly version: string }> {
  const text = await helm.run(context, {
    command: ['show', 'chart'],
    release: name,
    chart: release.chart,
    flags: chartFlags(release),
    operands: [release.chart],
  });
  return parse(text) as { readonly name: string; readonly version: string };
}

const hookEvents = (object: ChartObject): string | undefined => object.metadata?.annotations?.['helm.sh/hook'];

function fromTemplate(text: string, { name, version }: { readonly name: string; readonly version: string }, release: ChartRelease): Rendered {
  const all = objectsOf(text, release.chart);
  return {
    chart: name,
    version: String(version),
    objects: all.filter((each) => hookEvents(each) === undefined),
    hooks: all.flatMap((each) => (hookEvents(each) === undefined ? [] : [`${nameOf(each)} (${hookEvents(each)})`])),
    hasCrds: false,
  };
}
