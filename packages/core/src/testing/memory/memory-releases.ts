import { invalidOptions, ShepherdError } from '../../errors/shepherd-error.js';
import type { Releases } from '../../ports/platform.js';
import { hashOf, type MemoryApp } from './memory-app.js';
import type { MemoryStore } from './memory-store.js';

/** What this platform releases. */
export interface MemoryRelease {
  readonly version: string;
  readonly irreversible?: boolean | undefined;
}

export const memoryReleases = (store: MemoryStore): Releases<MemoryRelease> => ({
  accepts: (release) => typeof release === 'object' && release !== null && typeof (release as { version?: unknown }).version === 'string',

  async identify({ app }, release) {
    const { version, irreversible = false } = valid(release);
    return { version, images: [`${app.name}:${version}`], irreversible, hash: hashOf(version) };
  },

  async apply(context, release, to) {
    const { version } = valid(release);
    const app = store.app(context.app.namespace, context.app.name);
    app.fences.claim(context, `${app.name}/${to.track}`);
    if (to.track === 'stable') {
      refuseForeign(app, to.over);
      app.serve(version);
      return app.revision(version);
    }
    const swaps = app.options.roles === 'swap';
    const found = app.track('candidate');
    if (found !== undefined && found.rolloutId === context.rolloutId) return app.revision(found.version);
    app.write(() => {
      app.candidate = {
        version,
        wanted: to.replicas,
        pods: swaps ? (found?.pods ?? []) : [],
        isolated: swaps || (to.isolated ?? false),
        rolloutId: context.rolloutId,
      };
    });
    return app.revision(version);
  },

  async promote(context, { over } = {}) {
    const app = store.app(context.app.namespace, context.app.name);
    const { candidate } = app;
    if (candidate === undefined) {
      throw new ShepherdError('ERR_STEP_FAILED', `${app.name} has no candidate to promote`, {
        facts: { step: 'promote', reason: 'the candidate was deleted' },
        remedy: 'see who deleted it, then deploy again',
      });
    }
    refuseForeign(app, over);
    app.fences.claim(context, `${app.name}/stable`);
    app.serve(candidate.version);
    return app.revision(candidate.version);
  },

  async list({ app: { namespace, name } }) {
    const app = store.app(namespace, name);
    return app.history.map((version) => app.revision(version));
  },

  async restore(context, hash) {
    const app = store.app(context.app.namespace, context.app.name);
    const version = versionOf(app, hash);
    app.fences.claim(context, `${app.name}/stable`);
    if (app.stable?.version !== version) app.serve(version);
    return app.revision(version);
  },

  async mark(context, hash, mark) {
    const app = store.app(context.app.namespace, context.app.name);
    if (!app.history.some((version) => hashOf(version) === hash)) return;
    app.fences.claim(context, `${app.name}/marks`);
    app.marks.set(hash, mark);
  },
});

function refuseForeign(app: MemoryApp, over: readonly string[] | undefined): void {
  const { stable } = app;
  if (over === undefined || stable === undefined || over.includes(hashOf(stable.version))) return;
  throw new ShepherdError('ERR_CONFLICT', `stable of ${app.name} runs ${stable.version}, which somebody else wrote`, {
    facts: { object: app.name, reason: 'another version' },
    remedy: 'see who wrote it',
  });
}

function valid(release: MemoryRelease): MemoryRelease {
  if (release.version !== '') return release;
  throw invalidOptions([{ path: 'release.version', got: "''", expected: 'a name' }]);
}

function versionOf(app: MemoryApp, hash: string): string {
  const found = app.history.find((version) => hashOf(version) === hash);
  if (found !== undefined) return found;
  const known = app.history.map(hashOf);
  throw new ShepherdError('ERR_REVISION_NOT_FOUND', `${app.name} has no revision ${hash}; known: ${known.join(', ') || 'none'}`, {
    facts: { app: app.name, hash, known },
    remedy: 'name one of the known revisions',
  });
}
