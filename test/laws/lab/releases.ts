import type { KubeRelease } from '@shepherd/kube';
import type { Sandbox } from '@shepherd/sandbox';

/** How the new version behaves. */
export type ReleaseName = 'good' | 'slow' | 'hangs' | 'crash' | 'sick' | 'missing' | 'dies' | 'falls-ill' | 'flapping';

export const releaseNames = ['good', 'slow', 'hangs', 'crash', 'sick', 'missing', 'dies', 'falls-ill', 'flapping'] as const satisfies readonly ReleaseName[];

/** Those whose pods, once ready, serve every request, so that each lost request is the rollout's fault. */
export const serveWell: ReadonlySet<ReleaseName> = new Set(['good', 'slow', 'hangs', 'crash', 'sick', 'missing']);

const image = (name: string): string => `registry/web:${name}`;

/** Registers the images: `old` serves at first, `newer` is good too. */
export function registerImages(sandbox: Sandbox): void {
  const { clock } = sandbox.connection;
  for (const name of ['old', 'good', 'newer', 'dies', 'falls-ill']) sandbox.image(image(name));
  sandbox.image(image('slow'), { readyAfterMs: 15_000 });
  sandbox.image(image('hangs'), { startup: '10h' });
  sandbox.image(image('crash'), { crash: { exitCode: 1, log: 'no DATABASE_URL' } });
  sandbox.image(image('sick'), { health: 503 });
  sandbox.image(image('flapping'), {
    handle: ({ path }) => (path.startsWith('/api/health') && Math.floor(clock.monotonicMs() / 7_000) % 2 === 1 ? { status: 503 } : undefined),
  });
}

const withEnv = (name: string, env: Readonly<Record<string, string>>): KubeRelease => ({ image: image(name), env });

/** The release of this name. */
export function releaseOf(name: ReleaseName | 'newer'): KubeRelease {
  if (name === 'dies') return withEnv(name, { CRASH_AFTER_MS: '4000' });
  if (name === 'falls-ill') return withEnv(name, { SICK_AFTER_MS: '4000' });
  return { image: image(name) };
}
