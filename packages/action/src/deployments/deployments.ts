import type { Report } from '@shepherd/cli';
import { type Outcome, type Revision, type RolloutEvent, systemClock } from '@shepherd/core';
import { askGithub, type Deployment, type GithubAccess } from './github-api.js';
import { described, type Status, statusOf } from './status-of.js';

export interface DeploymentsOptions extends GithubAccess {
  /** What is deployed: the commit of the workflow. */
  readonly sha: string;
  /** The run of the workflow, for people. */
  readonly runUrl: string;
  /** Name of the environment. @default the rollout's, else its namespace */
  readonly environment?: string | undefined;
  /** A `deploy` gets a deployment, a `rollback` that worked too; others go on with the one that their rollout has. */
  readonly command: string;
  /** A line for people. */
  readonly say: (line: string) => void;
}

/** What is known of a rollout to its deployment later on. */
interface Payload {
  readonly shepherd: { readonly rolloutId: string; readonly app: string; readonly images: readonly string[] };
}

const listed = 50;

/**
 * Tells GitHub's Deployments API what a release comes to, beside the rollout and never in its way: requests go out one after the other, none is tried twice, and
 * what fails is said once. Taken back is a `failure`, and then a `success` on a new deployment of the commit that had released what serves again, if that is known.
 */
export class Deployments implements Report {
  readonly #options: DeploymentsOptions;
  readonly #closing = new AbortController();
  #queue: Promise<void> = Promise.resolve();
  #complained = false;
  #id: number | undefined;
  #app = '';
  #environment = '';

  constructor(options: DeploymentsOptions) {
    this.#options = options;
  }

  event(event: RolloutEvent): void {
    const { app } = event;
    this.#app = `${app.namespace}/${app.name}`;
    this.#environment ||= this.#options.environment ?? app.namespace;
    switch (event.type) {
      case 'rollout-start':
        this.#environment = this.#options.environment ?? event.metadata['environment'] ?? app.namespace;
        if (this.#options.command === 'deploy') this.#later(() => this.#begin(event.rolloutId, event.plan.images ?? []));
        return;
      case 'approval-request':
        return this.#status({ state: 'pending', description: described(`waits for approval until ${event.until}`) });
      case 'pause-start':
        return this.#status({ state: 'pending', description: described(`paused by ${event.by.name}: ${event.reason}`) });
      case 'approval-answer':
      case 'pause-end':
        return this.#status({ state: 'in_progress', description: described(`goes on: ${event.by.name}`) });
      default:
    }
  }

  outcome(outcome: Outcome): void {
    const status = statusOf(outcome);
    if (status === undefined) return;
    const [app] = outcome.targets;
    if (app !== undefined) this.#app = `${app.namespace}/${app.name}`;
    this.#environment ||= this.#options.environment ?? app?.namespace ?? '';
    this.#later(async () => {
      const wentBack = this.#options.command === 'rollback' && outcome.kind === 'succeeded';
      const known = this.#id === undefined || outcome.kind === 'rolled-back' ? await this.#list() : [];
      this.#id ??= known.find(({ payload }) => payloadOf(payload)?.rolloutId === outcome.rolloutId)?.id;
      if (this.#id !== undefined) await this.#post(this.#id, status);
      const restored = wentBack ? outcome.to : outcome.kind === 'rolled-back' && this.#id !== undefined ? outcome.from : undefined;
      if (restored !== undefined) await this.#restore(restored, outcome.rolloutId, known);
    });
  }

  /** All that there is to tell has been told, or so much time is over. */
  async settled(mostMs: number): Promise<void> {
    const over = new AbortController();
    const late = systemClock.sleep(mostMs, over.signal).catch(() => undefined);
    await Promise.race([this.#queue, late]);
    over.abort();
    this.#closing.abort();
  }

  async #begin(rolloutId: string, images: readonly string[]): Promise<void> {
    this.#id = (await this.#create(this.#options.sha, { shepherd: { rolloutId, app: this.#app, images } })).id;
    await this.#post(this.#id, { state: 'in_progress', description: '' });
  }

  /** Of what was released without a deployment, or before those of the list, the commit is not known and GitHub is told no more. */
  async #restore({ images }: Revision, rolloutId: string, known: readonly Deployment[]): Promise<void> {
    const before = known.find(({ id, payload }) => {
      const its = payloadOf(payload);
      return id !== this.#id && its?.app === this.#app && images.length > 0 && its.images.join() === images.join();
    });
    if (before === undefined) return;
    const { id } = await this.#create(before.sha, { shepherd: { rolloutId: `${rolloutId}/restored`, app: this.#app, images } });
    await this.#post(id, { state: 'success', description: described(`${images[0]} serves again`) });
  }

  #create(ref: string, payload: Payload): Promise<Deployment> {
    // Checks and merges are the workflow's own business: by now it deploys.
    const body = {
      ref,
      environment: this.#environment,
      task: 'deploy',
      auto_merge: false,
      required_contexts: [],
      payload,
      description: described(`shepherd: ${this.#app}`),
    };
    return this.#ask<Deployment>('/deployments', body);
  }

  #status(status: Status): void {
    this.#later(async () => {
      if (this.#id !== undefined) await this.#post(this.#id, status);
    });
  }

  async #post(id: number, { state, description }: Status): Promise<void> {
    await this.#ask(`/deployments/${id}/statuses`, { state, description, log_url: this.#options.runUrl, environment: this.#environment });
  }

  #list(): Promise<readonly Deployment[]> {
    return this.#ask(`/deployments?environment=${encodeURIComponent(this.#environment)}&per_page=${listed}`);
  }

  #ask<T>(path: string, body?: object): Promise<T> {
    return askGithub<T>(this.#options, path, this.#closing.signal, body);
  }

  #later(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      if (this.#complained || this.#closing.signal.aborted) return;
      this.#complained = true;
      const message = error instanceof Error ? error.message : String(error);
      const fix = /: 40[134] /.test(message) ? '; the job needs permissions: deployments: write' : '';
      this.#options.say(`GitHub Deployments: ${message}${fix}`);
    });
  }
}

function payloadOf(payload: unknown): Payload['shepherd'] | undefined {
  const { shepherd } = (typeof payload === 'object' && payload !== null ? payload : {}) as Partial<Payload>;
  return typeof shepherd === 'object' && Array.isArray(shepherd.images) ? shepherd : undefined;
}
