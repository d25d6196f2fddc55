import { basename } from 'node:path';
import { type Issue, invalidOptions } from '@shepherd/core';
import { loadConfig, settingsOf } from '../config/load-config.js';
import type { Settings } from '../config/settings.js';
import { planInput } from '../flags/deploy-input.js';
import type { ConnectionFlags } from '../flags/flags.js';
import { type Checked, checkedLines } from '../render/config-lines.js';
import type { World } from '../world.js';

export type ConfigFlags = ConnectionFlags & { readonly json?: boolean | undefined };

/** `config check`; nothing else is there. */
export function configCommand(what: string, flags: ConfigFlags, world: World): Promise<number> {
  if (what === 'check') return configCheck(flags, world);
  throw invalidOptions([{ path: 'config', got: JSON.stringify(what), expected: 'check' }]);
}

/** Looks at the config and says what each environment comes to. Reads files alone, no cluster. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export async function configCheck(flags: ConfigFlags, { io }: World): Promise<number> {
  const loaded = await loadConfig(flags, io);
  if (loaded === undefined) {
    throw invalidOptions(
      [{ path: 'config', got: `none from ${io.cwd} upward to the repository's root`, expected: 'a shepherd.config.{ts,mjs,js,json,yaml}' }],
      'shepherd init writes one, or name one with --config',
    );
  }
  const names = flags.environment === undefined ? Object.keys(loaded.config.environments ?? {}) : [flags.environment];
  const checked: Checked = {
    file: loaded.file,
    settings: settingsOf(loaded, undefined),
    environments: Object.fromEntries(names.map((name) => [name, settingsOf(loaded, name)])),
  };
  refuseUnfit(checked);
  io.stdout.write(flags.json === true ? `${JSON.stringify(checked)}\n` : `${(await checkedLines(checked)).join('\n')}\n`);
  return 0;
}

/** What a deploy of each environment would object to before it asked a cluster. */
function refuseUnfit({ file, settings, environments }: Checked): void {
  const blocks = [['config', settings] as const, ...Object.entries(environments).map(([name, each]) => [`config.environments.${name}`, each] as const)];
  const seen = new Set<string>();
  const issues = blocks.flatMap(([at, block]) =>
    objections({ app: 'app', ...block, ...(block.prometheus === undefined && block.strategy === 'canary' ? { analysis: false } : {}) })
      // What the base says is said once, not by each environment again.
      .filter(({ path, got }) => !seen.has(`${path} ${got}`) && seen.add(`${path} ${got}`) !== undefined)
      .map((issue) => ({ ...issue, path: `${at}: ${issue.path}` })),
  );
  if (issues.length > 0) throw invalidOptions(issues, `correct ${basename(file)}`);
}

function objections(settings: Settings): readonly Issue[] {
  try {
    planInput(undefined, { image: 'registry/app:1.0.0' }, { ...settings, chart: undefined, values: undefined, chartVersion: undefined });
    return [];
  } catch (error) {
    const facts = (error as { readonly facts?: { readonly issues?: readonly Issue[] } }).facts;
    if (facts?.issues === undefined) throw error;
    return facts.issues;
  }
}
