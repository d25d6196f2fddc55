import { type Duration, type Issue, invalidOptions, parseDuration } from '@shepherd/core';

/** A chart as a release. What it does not say is the chart's default, not what the release before said. */
export interface ChartRelease {
  /** Folder or archive (`./chart`, `chart-1.0.0.tgz`), `https://…/chart.tgz`, a name in `repo`, or whatever else helm takes. */
  readonly chart: string;
  /** Of the chart, for those that are not a path. @default the newest */
  readonly version?: string | undefined;
  /** Address of the repository that holds the chart. */
  readonly repo?: string | undefined;
  /** Files (YAML or JSON) and objects; later ones win. */
  readonly values?: readonly (string | object)[] | undefined;
  /** Of helm's release. @default the app's */
  readonly name?: string | undefined;
  /** What it changes outside cannot be taken back. @default false */
  readonly irreversible?: boolean | undefined;
}

/** Which helm, and how long it may take. */
export interface HelmOptions {
  /** Path or name of helm. @default 'helm' */
  readonly binary?: string | undefined;
  /** How long helm waits for each hook. @default '5m' */
  readonly hookTimeout?: Duration | undefined;
}

const keys = ['chart', 'version', 'repo', 'values', 'name', 'irreversible'];
/** Helm's own rule for names of releases. */
const releaseName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export const isChart = (release: unknown): release is ChartRelease =>
  typeof release === 'object' && release !== null && typeof (release as { chart?: unknown }).chart === 'string' && (release as ChartRelease).chart !== '';

/** @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function checkedOptions(options: HelmOptions): HelmOptions {
  const { binary, hookTimeout } = options;
  const issues: readonly Issue[] = [
    ...(binary === undefined || (typeof binary === 'string' && binary !== '')
      ? []
      : [{ path: 'binary', got: JSON.stringify(binary), expected: 'a path or name' }]),
    ...(hookTimeout === undefined || (parseDuration(hookTimeout) ?? 0) >= 1_000
      ? []
      : [{ path: 'hookTimeout', got: JSON.stringify(hookTimeout), expected: 'a duration of at least 1s' }]),
  ];
  if (issues.length > 0) throw invalidOptions(issues);
  return options;
}

/** What shows without helm. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function checkRelease(release: ChartRelease): void {
  const { chart, version, repo, values, name, irreversible } = release;
  const wrong = (path: string, got: unknown, expected: string): Issue => ({ path: `release.${path}`, got: JSON.stringify(got) ?? 'nothing', expected });
  const text = (path: string, value: unknown): readonly Issue[] =>
    value === undefined || (typeof value === 'string' && /^[^-\s]\S*$/.test(value))
      ? []
      : [wrong(path, value, 'text without spaces that does not begin with -')];
  const issues = [
    ...Object.keys(release).flatMap((key) =>
      keys.includes(key) ? [] : [wrong(key, (release as unknown as Record<string, unknown>)[key], `one of ${keys.join(', ')}`)],
    ),
    ...(chart.startsWith('-') ? [wrong('chart', chart, 'a path, an address or a name that does not begin with -')] : []),
    ...text('version', version),
    ...text('repo', repo),
    ...(name === undefined || (typeof name === 'string' && name.length <= 53 && releaseName.test(name))
      ? []
      : [wrong('name', name, 'at most 53 lower-case letters, digits, - and .')]),
    ...(irreversible === undefined || typeof irreversible === 'boolean' ? [] : [wrong('irreversible', irreversible, 'true or false')]),
    ...(values === undefined || Array.isArray(values) ? [] : [wrong('values', values, 'a list of files and objects')]),
    ...(Array.isArray(values) ? values : []).flatMap((each, index) => {
      if (typeof each === 'string' ? each !== '' : typeof each === 'object' && each !== null && !Array.isArray(each)) return [];
      return [wrong(`values.${index}`, each, 'the path of a file, or an object')];
    }),
  ];
  if (issues.length > 0) throw invalidOptions(issues);
}
