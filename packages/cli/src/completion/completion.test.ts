import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';
import { makeProgram } from '../program.js';
import { argumentWords, completionOf, flagWords } from './completion-model.js';

const folder = mkdtempSync(join(tmpdir(), 'shepherd-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (shell: string, args: readonly string[]) => spawnSync(shell, [...args], { cwd: folder, encoding: 'utf8', timeout: 20_000 });
const has = (shell: string): boolean => run(shell, ['--version']).status === 0;

async function scriptOf(shell: string): Promise<string> {
  const io = new FakeIo();
  expect(await main(['completion', shell], io)).toBe(0);
  return io.out;
}

test('every word list belongs to a flag or a command that there is', () => {
  const commands = completionOf(makeProgram('', async () => undefined));
  const flags = new Set(commands.flatMap((command) => command.flags.map(({ long }) => long)));
  for (const name of Object.keys(flagWords)) expect(flags).toContain(name);
  for (const path of Object.keys(argumentWords)) expect(commands.map((command) => command.path)).toContain(path);
  expect(commands.length).toBeGreaterThan(30);
});

test('another shell is refused', async () => {
  const io = new FakeIo();
  expect(await main(['completion', 'tcsh'], io)).toBe(2);
  expect(io.err).toContain('bash, zsh, fish');
});

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['shepherd dep', ['deploy'], ['plan']],
  ['shepherd ', ['plan', 'deploy', 'rollback', 'incident', 'completion'], ['status --events']],
  ['shepherd lock ', ['release', 'status'], ['deploy']],
  ['shepherd incident op', ['open'], []],
  ['shepherd deploy --str', ['--strategy'], []],
  ['shepherd deploy --strategy ', ['blue-green', 'canary', 'rolling'], ['--image']],
  ['shepherd deploy web --strategy c', ['canary'], ['rolling']],
  ['shepherd deploy -o nd', ['ndjson'], ['json']],
  ['shepherd checklist p', ['post', 'pre'], ['during']],
  // After its first argument comes the name of an app, which nobody can guess.
  ['shepherd checklist pre p', [], ['post', 'pre', 'plan']],
  ['shepherd incident open --kind da', ['data-corruption'], []],
  ['shepherd deploy --image ', [], ['deploy', '--strategy', 'values.yaml']],
  ['shepherd deploy -f val', ['values.yaml'], []],
  ['shepherd rollback --li', ['--list'], []],
];

describe.runIf(has('bash'))('bash', () => {
  test.each(cases)('%s', async (line, offered, never) => {
    const file = join(folder, 'bash.sh');
    writeFileSync(file, await scriptOf('bash'));
    writeFileSync(join(folder, 'values.yaml'), '');
    const words = line.split(' ');
    // As readline does: the words so far, and the one under the cursor; errors end the shell. Without one, compopt has nothing to set.
    const ask = `set -eu; compopt() { :; }; source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; $(complete -p shepherd | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = run('bash', ['--norc', '-c', ask]);
    expect([status, stderr]).toEqual([0, '']);
    const replies = stdout.split('\n').filter((each) => each !== '');
    expect(replies).toEqual(expect.arrayContaining([...offered]));
    for (const word of never) expect(replies).not.toContain(word);
    if (offered.length === 0) expect(replies).toEqual([]);
  });
});

/** What zsh offers at a terminal of its own (zpty) when Tab is pressed: every match that is added is also printed. */
const zshSetup = (file: string): string => `PROMPT=
autoload -U compinit; compinit -u -D
source ${file}
compadd() {
  local -a found
  # Such calls only ask which words would match.
  if [[ \${@[1,(i)(-|--)]} == *-[OAD]\\ * ]]; then builtin compadd "$@"; return; fi
  builtin compadd -A found "$@"
  all+=($found)
  builtin compadd "$@"
}
ask() { all=(); _main_complete; print -r -- "<\${(j:|:)all}>ENDED" }
zle -C ask complete-word ask
bindkey '^I' ask
print RE''ADY
`;
const zshAsk = (setup: string, line: string): string => `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source ${setup}"
zpty -r shell said '*READY*'
zpty -n -w shell ${JSON.stringify(line)}$'\t'
zpty -r shell said '*ENDED*'
print -r -- "$said"
zpty -d shell`;

describe.runIf(has('zsh'))('zsh', () => {
  test('reads the script without an error', async () => {
    const file = join(folder, '_shepherd');
    writeFileSync(file, await scriptOf('zsh'));
    const { stderr, status } = run('zsh', ['-f', '-c', `autoload -U compinit; compinit -u -D; source ${file}; print $_comps[shepherd]`]);
    expect([status, stderr]).toEqual([0, '']);
  });

  test.each(cases)('%s', async (line, offered, never) => {
    const [file, setup] = [join(folder, '_shepherd'), join(folder, 'setup.zsh')];
    writeFileSync(file, await scriptOf('zsh'));
    writeFileSync(setup, zshSetup(file));
    writeFileSync(join(folder, 'values.yaml'), '');
    const { stdout, stderr } = run('zsh', ['-f', '-c', zshAsk(setup, line)]);
    expect(stderr).toBe('');
    const replies = (/<([^<>]*)>ENDED/.exec(stdout)?.[1] ?? 'nothing was printed').split('|').filter((each) => each !== '');
    expect(replies).toEqual(expect.arrayContaining([...offered]));
    for (const word of never) expect(replies).not.toContain(word);
    if (offered.length === 0) expect(replies).toEqual([]);
  });
});

describe.runIf(has('fish'))('fish', () => {
  test.each(cases)('%s', async (line, offered, never) => {
    const file = join(folder, 'shepherd.fish');
    writeFileSync(file, await scriptOf('fish'));
    writeFileSync(join(folder, 'values.yaml'), '');
    const { stdout, stderr } = run('fish', ['--no-config', '-c', `source ${file}; complete -C '${line}'`]);
    expect(stderr).toBe('');
    const replies = stdout
      .split('\n')
      .map((each) => each.split('\t')[0])
      .filter((each) => each !== '');
    expect(replies).toEqual(expect.arrayContaining([...offered]));
    for (const word of never) expect(replies).not.toContain(word);
    if (offered.length === 0) expect(replies).toEqual([]);
  });
});
