import { createHash } from 'node:crypto';
import { ShepherdError } from '@shepherd/core';
import { parseAllDocuments } from 'yaml';

/** An object of a rendered chart. */
export interface ChartObject {
  readonly kind?: string | undefined;
  readonly metadata?: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly [field: string]: unknown;
}

export const nameOf = ({ kind = 'object', metadata }: ChartObject): string => `${kind} ${metadata?.name ?? ''}`.trim();

/** The objects of a manifest. @throws ShepherdError ERR_CHART */
export function objectsOf(manifest: string, chart: string): readonly ChartObject[] {
  const documents = parseAllDocuments(manifest, { merge: true });
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error !== undefined) {
    throw new ShepherdError('ERR_CHART', `chart ${chart} renders what is no YAML: ${error.message}`, {
      facts: { chart, reason: error.message },
      remedy: 'look at what it renders: helm template',
    });
  }
  return documents.map((each) => each.toJS() as ChartObject | null).filter((each): each is ChartObject => each !== null && typeof each === 'object');
}

/** The Deployment that is the app: the one of its name, else the only one. @throws ShepherdError ERR_CHART */
export function deploymentIn(objects: readonly ChartObject[], app: string, chart: string): ChartObject {
  const all = objects.filter(({ kind }) => kind === 'Deployment');
  const found = all.find(({ metadata }) => metadata?.name === app) ?? (all.length === 1 ? all[0] : undefined);
  if (found !== undefined) return found;
  const reason = all.length === 0 ? 'it makes no Deployment' : `it makes ${all.map(nameOf).join(', ')}, none of them named ${app}`;
  throw new ShepherdError('ERR_CHART', `chart ${chart}: ${reason}`, {
    facts: { chart, reason },
    remedy: 'name the app as the Deployment that the chart makes; the name of the release often is a part of it',
  });
}

export const imagesOf = (deployment: ChartObject): readonly string[] => {
  const { spec } = deployment as unknown as {
    readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } } };
  };
  return (spec?.template?.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
};

/** The same value with its keys in order. */
export const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, canonical(field)]),
  );
};

/** Names all that a chart makes, in whatever order and form it was written. */
export function manifestHash(objects: readonly ChartObject[]): string {
  const texts = objects.map((each) => JSON.stringify(canonical(each))).sort();
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 8);
}
