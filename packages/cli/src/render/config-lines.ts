import type { Settings } from '../config/settings.js';

/** A config that was looked at: what each environment comes to. */
export interface Checked {
  readonly file: string;
  /** As a deploy without `--environment` sees it. */
  readonly settings: Settings;
  readonly environments: Readonly<Record<string, Settings>>;
}

/** A config as YAML, as each environment sees it; secrets are no part of one. */
export async function checkedLines({ file, settings, environments }: Checked): Promise<readonly string[]> {
  const { stringify } = await import('yaml');
  const block = (title: string, each: Settings): readonly string[] => [
    '',
    `${title}:`,
    ...(Object.keys(each).length === 0
      ? ['  (defaults)']
      : stringify(each)
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)),
  ];
  const names = Object.entries(environments);
  return [
    `${file}: all is well`,
    ...(names.length === 0 ? block('settings', settings) : names.flatMap(([name, each]) => block(`--environment ${name}`, each))),
  ];
}
