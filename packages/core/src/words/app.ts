/** One deployed app: a workload and its Services in one namespace of one cluster. */
export interface App {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/** The parts by which a caller names an app; what is left out comes from the platform. */
export interface AppParts {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly cluster?: string | undefined;
}

/** How a caller names an app: `web`, `shop/web`, `eu/shop/web`, or the parts. */
export type AppRef = string | AppParts;

/** Who asked; in events, notices, journal and change-cause. */
export interface Actor {
  readonly name: string;
  readonly kind: 'human' | 'ci' | 'service' | 'engine';
  readonly url?: string | undefined;
}

/** The parts of a reference; `undefined` where it is not one (empty part, more than three). */
export function parseAppRef(ref: AppRef): AppParts | undefined {
  if (typeof ref !== 'string') return ref.name === '' ? undefined : ref;
  const parts = ref.split('/');
  if (parts.length > 3 || parts.some((part) => part === '')) return undefined;
  const [name, namespace, cluster] = parts.toReversed();
  return { name: name ?? '', namespace, cluster };
}

/** `eu/shop/web`. */
export const formatApp = ({ cluster, namespace, name }: App): string => `${cluster}/${namespace}/${name}`;
