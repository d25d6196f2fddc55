import { writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { Finding } from '@shepherd/core';
import { findConfig, loadSettings } from '../config/load-config.js';
import { planInput } from '../flags/deploy-input.js';
import type { PreflightFlags } from '../flags/flags.js';
import { schemaVersion } from '../ledger.js';
import { escalationFindings } from '../notify/escalation.js';
import { preflightLines } from '../render/preflight-lines.js';
import { sarifOf } from '../render/sarif.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Says everything that stands in the way of a deploy with the same flags. Writes nothing to the cluster. @returns 5 where a deploy would be refused */
export async function preflight(argument: string | undefined, flags: PreflightFlags, world: World): Promise<number> {
  const { io } = world;
  const settings = await loadSettings(flags, io);
  const { connection, request } = planInput(argument, flags, settings);
  return withShepherd(connection, world, async ({ shepherd, interrupt }) => {
    const found = [
      ...(await shepherd.preflight(request, { signal: interrupt.abortSignal })),
      ...escalationFindings(connection.environment, connection.notify),
      ...(flags.helmRepos === true ? await refreshed(interrupt.abortSignal) : []),
    ].toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
    const findings = flags.strict === true ? found.map(strictly) : found;
    const exitCode = findings.some(({ level }) => level === 'error') ? 5 : 0;
    const app = String(request.app);
    world.report.findings(app, findings);
    const sarif = flags.sarif === undefined ? undefined : JSON.stringify(sarifOf(findings, { app, file: await sourceOf(flags, io.cwd) }), undefined, 2);
    if (sarif !== undefined && flags.sarif !== '-') await writeFile(fromHere(io.cwd, String(flags.sarif)), `${sarif}\n`);
    if (flags.sarif === '-') io.stdout.write(`${sarif}\n`);
    else if (flags.json === true) io.stdout.write(`${JSON.stringify({ schemaVersion, type: 'result', app, findings, ...counted(findings), exitCode })}\n`);
    else io.stdout.write(`${preflightLines(app, findings, { columns: io.stdout.columns, colour: world.output.colour }).join('\n')}\n`);
    return exitCode;
  });
}

const levels: readonly Finding['level'][] = ['error', 'warning', 'note'];

const refreshed = async (signal: AbortSignal): Promise<readonly Finding[]> => (await import('@shepherd/helm')).refreshRepos({}, { signal });

const strictly = (finding: Finding): Finding => (finding.level === 'warning' ? { ...finding, level: 'error' } : finding);

const counted = (findings: readonly Finding[]) => ({
  errors: findings.filter(({ level }) => level === 'error').length,
  warnings: findings.filter(({ level }) => level === 'warning').length,
});

const fromHere = (cwd: string, path: string): string => (isAbsolute(path) ? path : join(cwd, path));

/** The file of the repository that findings are shown at: what makes the objects, else what says how they are released. Undefined where neither is a file here. */
async function sourceOf({ chart, config }: PreflightFlags, cwd: string): Promise<string | undefined> {
  const named = chart !== undefined && /^(\.{0,2}\/)/.test(chart) ? join(chart, 'Chart.yaml') : (config ?? (await findConfig(cwd)));
  if (named === undefined) return undefined;
  const path = relative(cwd, fromHere(cwd, named)).replaceAll('\\', '/');
  return path.startsWith('..') ? undefined : path;
}
