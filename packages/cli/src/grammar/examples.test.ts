import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';
import { everyCommand, makeProgram } from '../program.js';

const nothing = async (): Promise<void> => undefined;
const nameOf = (command: Command): string => (command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trim());
const leaves = everyCommand(makeProgram('0', nothing)).filter(({ commands }) => commands.length === 0);

/** What a person reads who asks for help. */
async function helpOf(name: string): Promise<string> {
  const io = new FakeIo();
  expect(await main([...name.split(' '), '--help'], io)).toBe(0);
  return io.out;
}

const examplesIn = (help: string): readonly string[] => (help.split('\nExamples:\n')[1] ?? '').split('\n').filter((line) => line.startsWith('  shepherd '));

/** A line as a shell reads it, without what it is piped to. */
function argvOf(line: string): readonly string[] {
  const [command = ''] = line.replace(/ \| .*$/, '').split(' > ');
  const { stdout } = spawnSync('bash', ['-c', `shepherd() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

/** These begin something big that no cluster is needed for. */
const own = /^(demo|sandbox|simulate|watchdog|init|rbac|backtest|notify test)/;

test.each(leaves.map(nameOf))('%s --help: what it does, and examples of itself that are read as they stand', async (name) => {
  const help = await helpOf(name);
  expect(help).toMatch(/^Usage: shepherd /);
  expect(help).toContain('-o, --output <how>');
  const examples = examplesIn(help);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    expect(example).toContain(`shepherd ${name}`);
    const program = makeProgram('0', nothing);
    for (const command of everyCommand(program)) command.exitOverride();
    // Throws where a flag or an argument is not known.
    await program.parseAsync([...argvOf(example)], { from: 'user' });
  }
});

test.each(leaves.map(nameOf).filter((name) => !own.test(name)))('%s: its examples are not refused as bad input before a cluster is asked', async (name) => {
  for (const example of examplesIn(await helpOf(name))) {
    const io = new FakeIo({ terminal: { columns: 80, rows: 24 } });
    const reached = new Error('the cluster is asked');
    await main(argvOf(example), io, { ...fakeCluster().options, connect: () => Promise.reject(reached) });
    // A file or a config that the example names is not here; all else is as it should be.
    if (io.err.includes('ERR_INVALID_OPTIONS'))
      expect(io.err).toMatch(/config: got none|notify\.channels: got nothing|values-prod\.yaml|prod\.yaml|\.\/chart|--environment|ENOENT/);
  }
});

test('the help of the program names every command in a group', async () => {
  const io = new FakeIo();
  await main(['--help'], io);
  for (const { commands } of [makeProgram('0', nothing)])
    for (const command of commands) if (command.name() !== 'help') expect(io.out).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'));
  expect(io.out).not.toMatch(/^Commands:$/m);
});
