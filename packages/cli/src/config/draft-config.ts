import { invalidOptions } from '@shepherd/core';
import type { FoundApp } from '@shepherd/kube';
import { parseConfig } from './parse-config.js';
import type { Config } from './settings.js';

export const formats = ['yaml', 'json', 'ts', 'mjs'] as const;
export type Format = (typeof formats)[number];

export interface Draft {
  readonly format: Format;
  /** Those that were asked for; several become environments of their names. */
  readonly namespaces: readonly string[];
  readonly context: string;
  readonly apps: readonly FoundApp[];
}

const schema = './node_modules/@shepherd/cli/shepherd.schema.json';

/** The text of a config for what was found: it passes its own check. @throws ShepherdError ERR_INVALID_OPTIONS where nothing was found */
export async function draftConfig({ format, namespaces, context, apps }: Draft): Promise<string> {
  if (apps.length === 0) {
    throw invalidOptions(
      [{ path: '--namespace', got: `no Deployment in ${namespaces.join(', ') || 'the namespace of the context'}`, expected: 'a namespace with an app' }],
      'name the namespace of the app with -n',
    );
  }
  const content = contentOf(namespaces, context, apps);
  parseConfig({ content, file: `shepherd.config.${format}`, lineOf: () => undefined });
  switch (format) {
    case 'json':
      return `${JSON.stringify({ $schema: schema, ...content }, null, 2)}\n`;
    case 'ts':
    case 'mjs':
      return `import { defineConfig } from '@shepherd/cli';\n\nexport default defineConfig(${JSON.stringify(content, null, 2)});\n`;
    default:
      return [`# yaml-language-server: $schema=${schema}`, (await import('yaml')).stringify(content), ...hints(apps)].join('\n');
  }
}

function contentOf(namespaces: readonly string[], context: string, apps: readonly FoundApp[]): Config {
  const names = [...new Set(apps.map(({ name }) => name))];
  const base: Config = {
    schemaVersion: 1,
    ...(names.length === 1 ? { app: names[0] } : {}),
    context,
    // What every app can do: blue/green wants a Service, a canary somebody who judges it.
    strategy: 'rolling',
    timeout: '30m',
  };
  const [first] = apps;
  if (namespaces.length < 2) return { ...base, namespace: namespaces[0] ?? first?.namespace };
  const [staging] = namespaces.filter((name) => /stag|test|qa/.test(name));
  const environments = Object.fromEntries(
    namespaces.map((namespace) => [namespace, { namespace, ...(staging === undefined || staging === namespace ? {} : { requireEnv: staging }) }]),
  );
  return { ...base, environments };
}

/** What the cluster does not tell, to be filled in. */
const hints = (apps: readonly FoundApp[]): readonly string[] => [
  '# Where requests are counted: releases are judged by them, and a canary becomes possible.',
  '# prometheus: https://prometheus.example',
  '# Maintenance windows, by the clocks of your users:',
  '# windows:',
  '#   - { name: night, kind: allow, schedule: 0 2 * * *, duration: 2h, timeZone: Europe/Berlin }',
  ...(apps.some(({ helmRelease }) => helmRelease !== undefined) ? ['# Some apps were made by helm; to release them as charts:', '# chart: ./chart'] : []),
  '',
];
