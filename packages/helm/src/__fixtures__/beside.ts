import { BlueGreen, Canary, type Strategy } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { type HelmLab, makeChart, openHelmLab } from './lab.js';

interface Live {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas: number;
    readonly selector: Readonly<Record<string, string>>;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ readonly image: string; readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[] }];
      };
    };
  };
}

/** Those with a candidate, quick enough for a test. */
export const strategies: readonly (readonly [string, Strategy])[] = [
  ['blue/green', new BlueGreen({ soak: '1s', analysis: false })],
  ['canary', new Canary({ stages: [50, 100], interval: '1s', analysis: false })],
];

/** The app `web` of a chart whose pods read its settings, installed, and what can be seen of it. */
export interface Beside {
  readonly lab: HelmLab;
  readonly chart: string;
  live(kind: string, name: string): Live | undefined;
  image(name?: string): string | undefined;
  /** Of objects of this kind that are the app's, without helm's records. */
  names(kind: string): readonly string[];
  /** Of helm's revisions, the oldest first. */
  history(): Promise<readonly { readonly status: string; readonly description: string }[]>;
}

export async function openBeside(binary: string): Promise<Beside> {
  const lab = await openHelmLab(binary);
  const chart = await makeChart(lab.home, { reads: true });
  assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart } }).outcome, 'succeeded');
  const live = (kind: string, name: string): Live | undefined => lab.sandbox.objects.get(kind, 'shop', name) as unknown as Live | undefined;
  return {
    lab,
    chart,
    live,
    image: (name = 'web') => live('deployments.apps', name)?.spec.template.spec.containers[0].image,
    names: (kind) =>
      lab.sandbox.objects
        .list(kind, 'shop')
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('web') && !name.startsWith('sh.helm'))
        .toSorted(),
    history: async () => JSON.parse(await lab.byHand('history', 'web', '-o', 'json')),
  };
}
