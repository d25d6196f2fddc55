import type { LoadedSettings, Place } from './config/settings.js';
import { isRolloutId } from './flags/app-name.js';

/** Where a command acts, as far as that is known before a cluster is asked. */
export interface Target {
  /** Name of an app, or the id of a rollout. */
  readonly app: string;
  readonly namespace: string | undefined;
  /** Of the kubeconfig. */
  readonly context: string | undefined;
}

/** `eu/shop/web`, or `eu_shop_web_01KDVDNA00`: the name of the app alone. */
export const bareName = (app: string): string => (isRolloutId(app) ? app.split('_').at(-2) : app.split('/').at(-1)) ?? app;

const partsOf = (app: string): readonly (string | undefined)[] => {
  const parts = isRolloutId(app) ? app.split('_').slice(0, -1) : app.split('/');
  return [parts.at(-3), parts.at(-2)];
};

const soundsLive = (name: string | undefined): boolean => name !== undefined && /(?:^|[^a-z])prod(?:uction)?(?:$|[^a-z])/i.test(name);

/**
 * What makes a target production: the config's word for the environment that it is in, or else the word prod or production in a name of where it is. Pure.
 * @returns that word or name, for people; undefined where it is not production
 */
export function productionName(target: Target, { environment, production, places = [] }: LoadedSettings): string | undefined {
  const [cluster, ownNamespace] = partsOf(target.app);
  const namespace = ownNamespace ?? target.namespace;
  const chosen = places.find(({ name }) => name === environment);
  // An app that names another namespace is in the environment which has that, whichever was asked for.
  const isElsewhere = chosen?.namespace !== undefined && namespace !== undefined && namespace !== chosen.namespace;
  const found: readonly Place[] = chosen !== undefined && !isElsewhere ? [chosen] : places.filter((place) => place.namespace === namespace);
  const stated = found.length > 0 ? found.map((place) => place.production) : [production];
  const live = found.find((place) => place.production === true);
  if (live !== undefined) return live.name;
  if (stated.includes(true)) return 'the config says so';
  if (stated.every((each) => each === false)) return undefined;
  return [...found.map(({ name }) => name), environment, namespace, cluster, target.context].find(soundsLive);
}
