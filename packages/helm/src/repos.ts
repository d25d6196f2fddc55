import { type Clock, type Finding, ShepherdError, systemClock } from '@shepherd/core';
import { wordsOf } from './binary/explain.js';
import { ownEnv, runHelm } from './binary/run.js';
import { checkedOptions, type HelmOptions } from './options.js';

interface Repo {
  readonly name: string;
  readonly url: string;
}

/**
 * Lists the repositories that helm knows on this machine and fetches their indexes anew, as findings. Asks no cluster; changes nothing but helm's own cache.
 * @throws ShepherdError ERR_TOOL where helm cannot be started
 */
export async function refreshRepos(
  options: HelmOptions = {},
  { signal = new AbortController().signal, clock = systemClock }: { readonly signal?: AbortSignal; readonly clock?: Clock } = {},
): Promise<readonly Finding[]> {
  const { binary = 'helm' } = checkedOptions(options);
  const run = (...args: readonly string[]) => runHelm(binary, args, { env: ownEnv(), signal, clock });
  const listed = await run('repo', 'list', '--output=json');
  const repos = listed.code === 0 ? reposIn(listed.stdout) : [];
  if (repos.length === 0) return [note('helm repositories', 'helm knows no repository on this machine')];
  const updated = await run('repo', 'update');
  const lines = wordsOf(`${updated.stdout}\n${updated.stderr}`);
  return repos.map(({ name, url }): Finding => {
    const object = `helm repository ${name}`;
    const failed = lines.find((line) => line.includes(`"${name}"`) && /unable to get an update/i.test(line));
    if (failed === undefined && updated.code === 0) return note(object, `${object} (${hostOf(url)}) was refreshed`);
    return {
      id: 'helm-repos',
      level: 'warning',
      object,
      message: `${object} (${hostOf(url)}) could not be refreshed: its newest charts are not known`,
      fix: `see whether it can be reached: helm repo update ${name}`,
    };
  });
}

const note = (object: string, message: string): Finding => ({ id: 'helm-repos', level: 'note', object, message, fix: 'nothing to do' });

/** @throws ShepherdError ERR_TOOL_FAILED for what is no list */
function reposIn(text: string): readonly Repo[] {
  try {
    return JSON.parse(text) as readonly Repo[];
  } catch (error) {
    throw new ShepherdError('ERR_TOOL_FAILED', 'helm repo list printed no JSON', {
      facts: { tool: 'helm', command: 'repo list', lines: text.split('\n').slice(0, 3) },
      remedy: 'run helm repo list by hand',
      cause: error,
    });
  }
}

/** An address may hold a password. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'no address');
