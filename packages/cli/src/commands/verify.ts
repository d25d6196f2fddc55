import type { Issue, Use } from '@shepherd/core';
import { guideVerification, metrics, standard } from '@shepherd/core/checks';
import { type Verification, verify } from '@shepherd/core/verification';
import { loadSettings } from '../config/load-config.js';
import type { Settings } from '../config/settings.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { namedChecks } from '../flags/named-checks.js';
import { readUrl } from '../flags/url.js';
import { schemaVersion } from '../ledger.js';
import { judgeHealth } from '../probe/judge-answer.js';
import type { Probe } from '../probe/probe.js';
import { timedRequest } from '../probe/timed-request.js';
import { verifyLines } from '../render/verify-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface VerifyFlags extends AppFlags {
  readonly check?: readonly string[] | undefined;
  readonly guide?: boolean | undefined;
  readonly metrics?: string | true | undefined;
  readonly url?: string | undefined;
  readonly logs?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Says whether the version that serves is as it should be. Writes nothing. @returns 1 where it is not */
export async function verifyApp(argument: string | undefined, flags: VerifyFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  const url = readUrl(flags.url, issues);
  const checks = checksOf(flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd, interrupt }) => {
    const signal = interrupt.abortSignal;
    const [found, probe] = await Promise.all([
      verify(shepherd, app, { signal, logs: flags.logs, ...(checks === undefined ? {} : { checks }) }),
      url === undefined ? undefined : probed(url, signal, world),
    ]);
    const passed = found.passed && probe?.ok !== false;
    const report: Verification & { readonly probe?: Probe } = { ...found, passed, ...(probe === undefined ? {} : { probe }) };
    const exitCode = passed ? 0 : 1;
    world.report.verification(report);
    world.io.stdout.write(
      flags.json
        ? `${JSON.stringify({ schemaVersion, type: 'result', ...report, exitCode })}\n`
        : `${verifyLines(report, world.clock.now().getTime()).join('\n')}\n`,
    );
    return exitCode;
  });
}

/** Undefined: as the platform says. */
function checksOf(flags: VerifyFlags, { checks = [] }: Settings, issues: Issue[]): readonly Use<'check'>[] | undefined {
  const named = namedChecks([...checks, ...(flags.check ?? [])], issues);
  const counted = flags.metrics === undefined ? [] : [metrics(flags.metrics === true ? '/metrics' : flags.metrics)];
  if (named.length === 0 && counted.length === 0 && flags.guide !== true) return undefined;
  const base = flags.guide === true ? guideVerification({ quiet: '0s' }) : standard({ quiet: '0s' });
  return [...base, ...counted, ...named];
}

async function probed(url: string, signal: AbortSignal, { clock }: World): Promise<Probe> {
  try {
    const { headers: _, text, ...answer } = await timedRequest(url, { signal, now: () => clock.monotonicMs() });
    return { ...answer, ...judgeHealth({ status: answer.status, text }, clock.now().getTime()) };
  } catch (error) {
    signal.throwIfAborted();
    return { url, ok: false, says: [`gave no answer: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
