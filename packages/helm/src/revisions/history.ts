import { type PortContext, ShepherdError } from '@shepherd/core';
import { explained } from '../binary/explain.js';
import type { HelmClient } from '../binary/helm-client.js';

/** A revision as helm lists it. */
export interface HelmRevision {
  readonly revision: number;
  /** ISO 8601. */
  readonly updated: string;
  readonly status: string;
  /** `web-1.0.0`. */
  readonly chart: string;
  readonly description: string;
}

export const isPending = ({ status }: HelmRevision): boolean => status.startsWith('pending-');
/** It was in force, once or now (RR RB-5). */
export const wasDeployed = ({ status }: HelmRevision): boolean => status === 'deployed' || status === 'superseded';

/** The revision that this one brought back. */
export function broughtBack({ description }: HelmRevision): number | undefined {
  const [, number] = /^Rollback to (\d+)/.exec(description) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Oldest first; empty where there is no release of this name. */
export async function historyOf(helm: HelmClient, context: PortContext, release: string): Promise<readonly HelmRevision[]> {
  const ran = await helm.attempt(context, { command: ['history'], release, flags: ['--output=json', '--max=256'], operands: [release] });
  if (ran.code !== 0) {
    if (/release: not found/.test(ran.stderr)) return [];
    throw explained({ command: 'history', release }, ran);
  }
  const list = JSON.parse(ran.stdout) as readonly HelmRevision[];
  return list.toSorted((a, b) => a.revision - b.revision);
}

/** The chart's name without its version. */
export const chartName = (chart: string): string => /^(.+?)-v?\d+\.\d+\.\d+/.exec(chart)?.[1] ?? chart;

/** @throws ShepherdError ERR_RELEASE_TAKEN where the release is one of another chart */
export function refuseTaken(release: string, history: readonly HelmRevision[], chart: string): void {
  const last = history.findLast(({ status }) => status !== 'uninstalled');
  if (last === undefined || chartName(last.chart) === chart) return;
  throw new ShepherdError('ERR_RELEASE_TAKEN', `release ${release} is one of chart ${last.chart}, not of ${chart}`, {
    facts: { release, found: last.chart, wanted: chart },
    remedy: 'give the release another name (release.name), or uninstall the one that is there',
  });
}
