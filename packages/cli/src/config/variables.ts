import type { Settings } from './settings.js';

/** Settings that a variable can say: one text each. `SHEPHERD_GRACE_PERIOD` is `gracePeriod`. */
const keys = [
  'app',
  'namespace',
  'context',
  'kubeconfig',
  'chart',
  'chartVersion',
  'strategy',
  'interval',
  'gracePeriod',
  'smokeTimeout',
  'drain',
  'unwatched',
  'prometheus',
  'timeout',
  'risk',
] as const satisfies readonly (keyof Settings)[];

export const variableOf = (key: string): string => `SHEPHERD_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** Those that are set; empty ones count as not set, as CI systems leave them. */
export const settingsIn = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, { readonly key: keyof Settings; readonly value: string }>> =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = env[variableOf(key)];
      return value === undefined || value === '' ? [] : [[variableOf(key), { key, value }]];
    }),
  );
