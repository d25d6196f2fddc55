import type { ChartRelease } from '@shepherd/helm';
import type { KubeRelease } from '@shepherd/kube';

/** What the command can release. */
export type CliRelease = KubeRelease | ChartRelease;
