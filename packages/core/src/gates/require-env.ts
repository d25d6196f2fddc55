import type { Issue } from '../errors/error-facts.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import { defineGate, type GateContext, type GateDecision } from '../extend/define-gate.js';
import type { Definition } from '../extend/definition.js';
import { schemaOf } from '../extend/schema-of.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';
import { shown, unknownKeys } from '../strategies/options.js';
import { type App, type AppParts, formatApp, parseAppRef } from '../words/app.js';

/** What the gate is given: JSON, kept with the rollout. */
export interface RequireEnvInput {
  /** One of the environments that the gate was made with. */
  readonly environment: string;
  /** The app's name there. @default its name here */
  readonly app?: string | undefined;
  /** Release all the same, and why; journalled and noticed. */
  readonly override?: string | undefined;
}

/**
 * First staging, then production: a release is refused (ERR_GATE_CLOSED, exit code 5) until each of its images has succeeded in another environment. Images are
 * compared by digest where both have one, else by their whole name. An environment that cannot be read holds for five minutes, then the gate is closed.
 * @param environments their platforms, or what connects to them when they are asked; read and never written
 */
export function requireEnv(environments: { readonly [name: string]: Platform<never> | (() => Promise<Platform<never>>) }): Definition<'gate', RequireEnvInput> {
  const names = Object.keys(environments);
  return defineGate<RequireEnvInput>({
    use: 'shepherd/require-env',
    at: ['start'],
    every: '15s',
    timeout: '5m',
    onTimeout: 'veto',
    input: schemaOf((input) => inputIssues(input, names)),
    describe: ({ environment }) => `only what succeeded in ${environment}`,
    async run({ environment, app, override }, context) {
      const known = environments[environment];
      if (known === undefined) return { kind: 'veto', reason: `${environment} is not known here` };
      const platform = typeof known === 'function' ? await known() : known;
      const reason = await missing(environment, platform, app, context);
      if (reason === undefined) return { kind: 'proceed' };
      return override === undefined ? ({ kind: 'veto', reason } satisfies GateDecision) : { kind: 'proceed', overridden: `${override}; ${reason}` };
    },
  });
}

function inputIssues(input: object, names: readonly string[]): readonly Issue[] {
  const { environment, app, override } = input as Record<keyof RequireEnvInput, unknown>;
  return [
    ...unknownKeys('input', input, ['environment', 'app', 'override']),
    ...(names.includes(environment as string) ? [] : [{ path: 'environment', got: shown(environment), expected: `one of ${names.join(', ')}` }]),
    ...(app === undefined || (typeof app === 'string' && parseAppRef(app) !== undefined)
      ? []
      : [{ path: 'app', got: shown(app), expected: 'web or shop/web' }]),
    ...(override === undefined || (typeof override === 'string' && override.trim() !== '')
      ? []
      : [{ path: 'override', got: shown(override), expected: 'why it is overridden' }]),
  ];
}

/** What has not succeeded there; undefined: everything has. */
async function missing(environment: string, platform: Platform<never>, named: string | undefined, context: GateContext): Promise<string | undefined> {
  const { plan, clock, signal } = context;
  if (!plan.changes) return undefined;
  const { images } = plan;
  if (images === undefined) return 'what the release runs is not known before it is written, so nobody can tell whether it succeeded';
  const found = await resolved(platform, named === undefined ? { name: plan.targets[0].name } : (parseAppRef(named) ?? { name: named }), signal);
  if (found === undefined) return `${named ?? plan.targets[0].name} does not exist in ${environment}`;
  const there = { app: found, rolloutId: undefined, signal, clock };
  const good = await provenImages(platform, there);
  const unproven = images.filter((image) => !good.some((each) => isSame(each, image)));
  if (unproven.length === 0) return undefined;
  return `${unproven.join(', ')} never succeeded in ${environment} (${formatApp(found)}); there succeeded ${good.slice(0, 5).join(', ') || 'nothing'}`;
}

async function resolved(platform: Platform<never>, ref: AppParts, signal: AbortSignal): Promise<App | undefined> {
  try {
    return { cluster: platform.name, ...(await platform.resolve(ref, signal)) };
  } catch (error) {
    if (ShepherdError.is(error, 'ERR_APP_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Of revisions that verified; of the one that serves also its pods must be ready, since nobody may have verified it. */
async function provenImages(platform: Platform<never>, context: PortContext): Promise<readonly string[]> {
  const [revisions, { stable }] = await Promise.all([platform.releases.list(context), platform.tracks.inspect(context)]);
  const sick = stable !== undefined && (stable.replicas === 0 || stable.ready < stable.replicas) ? stable.revision.hash : undefined;
  return [...new Set(revisions.filter(({ verified, bad, hash }) => verified && bad === undefined && hash !== sick).flatMap(({ images }) => images))];
}

const digestOf = (image: string): string | undefined => /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];

/** The same content: by digest where both name one, for a copy in another registry is the same. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [digestOf(a), digestOf(b)];
  return left === undefined || right === undefined ? a === b : left === right;
}
