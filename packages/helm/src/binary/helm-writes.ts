import { type Duration, toMs, type WriteContext } from '@shepherd/core';
import { chartFlags } from '../chart/render.js';
import { withValueFiles } from '../chart/values.js';
import type { Fenced } from '../fenced.js';
import type { ChartRelease } from '../options.js';
import type { HelmRevision } from '../revisions/history.js';
import { explained } from './explain.js';
import type { Call, HelmClient } from './helm-client.js';
import type { Ran } from './run.js';

/** The calls of helm that write. `until`: what they write waits for it. */
export class HelmWrites {
  readonly #helm: HelmClient;
  readonly #fenced: Fenced;
  readonly #timeout: string;

  constructor(helm: HelmClient, fenced: Fenced, hookTimeout: Duration) {
    this.#helm = helm;
    this.#fenced = fenced;
    this.#timeout = `--timeout=${Math.ceil(toMs(hookTimeout) / 1_000)}s`;
  }

  upgrade(context: WriteContext, release: ChartRelease, name: string, until?: Promise<unknown>): Promise<Ran> {
    return withValueFiles(release.values ?? [], (files) => {
      // Without --wait and --atomic: readiness and the way back are Shepherd's (KC HM-2).
      const flags = ['--install', '--reset-values', '--disable-openapi-validation', '--output=json', '--hide-notes', this.#timeout];
      const call = { command: ['upgrade'], release: name, flags: [...flags, ...chartFlags(release), ...files], operands: [name, release.chart] };
      return this.#helm.attempt(context, call, until);
    });
  }

  rollback(context: WriteContext, name: string, { revision }: HelmRevision, until?: Promise<unknown>): Promise<Ran> {
    const call = { command: ['rollback'], release: name, flags: [this.#timeout], operands: [name, String(revision)] };
    return this.#helm.attempt(context, call, until);
  }

  /** @throws ShepherdError: why it did not */
  async mustHaveRun(context: WriteContext, { command, release, chart }: Pick<Call, 'command' | 'release' | 'chart'>, ran: Ran): Promise<void> {
    if (ran.code === 0) return;
    // The door refused it because somebody else holds the lock by now: that is the reason then, not what helm made of it.
    await this.#fenced.fence(context);
    throw explained({ command: command.join(' '), release, chart }, ran);
  }
}
