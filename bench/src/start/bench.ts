import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.js';
import { table } from '../table.js';

/** How much longer than an empty program the command may take to show its help. */
const mostMs = 150;
const rounds = 21;

const file = fileURLToPath(new URL('../../../packages/cli/dist/shepherd.mjs', import.meta.url));

const programs: Readonly<Record<string, readonly string[]>> = {
  node: ['-e', '0'],
  help: [file, '--help'],
  'config.ts': [file, 'config', 'check'],
};

/**
 * How long the command as one file takes to start: its help, and a config in TypeScript that is compiled. In turn with an empty program, so that whatever else
 * the machine does meets them alike; medians.
 */
export const bench: Bench = async ({ log }) => {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-start-'));
  try {
    await writeFile(join(folder, 'shepherd.config.ts'), "const app: string = 'web';\nexport default { app };\n");
    const times = Object.fromEntries(Object.keys(programs).map((name) => [name, [] as number[]]));
    log(`${rounds} rounds`);
    for (let round = 0; round < rounds; round += 1)
      for (const [name, args] of Object.entries(programs)) {
        const started = performance.now();
        const { status, stderr } = spawnSync(process.execPath, [...args], { cwd: folder, encoding: 'utf8' });
        if (status !== 0 || stderr !== '') throw new Error(`${name} ended with ${status}: ${stderr}`);
        times[name]?.push(performance.now() - started);
      }
    const [node, help, config] = Object.values(times).map(median) as [number, number, number];
    const json = { name: 'start', rounds, nodeMs: round(node), helpOverMs: round(help - node), configOverMs: round(config - node), mostMs };
    const rows = [
      { program: 'node -e 0', 'median ms': round(node), 'over node': 0 },
      { program: 'shepherd --help', 'median ms': round(help), 'over node': round(help - node) },
      { program: 'shepherd config check (TypeScript)', 'median ms': round(config), 'over node': round(config - node) },
    ];
    return { json, text: `${table(rows)}\nhelp at most ${mostMs} ms over node`, ok: help - node <= mostMs };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const round = (ms: number): number => Math.round(ms);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
