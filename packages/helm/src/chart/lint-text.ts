import { existsSync } from 'node:fs';
import type { PortContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';
import type { ChartRelease } from '../options.js';
import { withValueFiles } from './values.js';

/** What `helm lint` says. Of charts on this disk alone: for others there is nothing to lint before they are fetched. */
export async function lintText(helm: HelmClient, context: PortContext, release: ChartRelease): Promise<string> {
  if (!existsSync(release.chart)) return '';
  return withValueFiles(release.values ?? [], async (files) => {
    const { stdout, stderr } = await helm.attempt(context, {
      command: ['lint'],
      release: release.name ?? context.app.name,
      flags: files,
      operands: [release.chart],
    });
    return `${stdout}\n${stderr}`;
  });
}
