import type { Issue } from '@shepherd/core';
import { type BaselineLimits, baseline, type Measured } from '@shepherd/core/verification';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { readUrl } from '../flags/url.js';
import { schemaVersion } from '../ledger.js';
import { timedRequest } from '../probe/timed-request.js';
import { productionName } from '../production.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface BaselineFlags extends AppFlags {
  readonly requests?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  readonly maxSlower?: string | undefined;
  readonly maxErrors?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Loads the version that serves, keeps the figures with its revision, and holds them against those of the revision before. @returns 1 where it got worse */
export async function baselineOf(argument: string | undefined, flags: BaselineFlags, world: World): Promise<number> {
  const { io, clock } = world;
  const settings = await loadSettings(flags, io);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  const url = readUrl(flags.url, issues);
  const requests = readCount('--requests', flags.requests, 1_000, issues);
  const concurrency = readCount('--concurrency', flags.concurrency, 10, issues);
  if (flags.path !== undefined && !flags.path.startsWith('/'))
    issues.push({ path: '--path', got: JSON.stringify(flags.path), expected: 'a path such as /api/health' });
  if (flags.path !== undefined && url !== undefined) issues.push({ path: '--path', got: 'it with --url', expected: 'the path in the address' });
  const limits: BaselineLimits = {
    ...percent('slowerPercent', '--max-slower', flags.maxSlower, issues),
    ...percent('errorPoints', '--max-errors', flags.maxErrors, issues),
  };
  const connection = connectionOf(flags, settings);
  const context = await world.nameContext(connection).catch(() => connection.context);
  const live = productionName({ app, namespace: connection.namespace, context }, settings);
  if (live !== undefined && flags.yes !== true)
    issues.push({ path: '--yes', got: `nothing, for ${live}`, expected: `--yes, which says that ${requests} requests may be sent to production` });
  refuse(issues);
  return withShepherd(connection, world, async ({ shepherd, interrupt }) => {
    const measured = await baseline(shepherd, app, {
      requests,
      concurrency,
      limits,
      signal: interrupt.abortSignal,
      ...(flags.path === undefined ? {} : { path: flags.path }),
      ...(url === undefined
        ? {}
        : {
            path: url,
            send: async (signal: AbortSignal) => (await timedRequest(url, { signal, now: () => clock.monotonicMs() })).status < 500,
          }),
    });
    const exitCode = measured.compared?.verdict === 'fail' ? 1 : 0;
    io.stdout.write(flags.json ? `${JSON.stringify({ schemaVersion, type: 'result', ...measured, exitCode })}\n` : `${baselineLines(measured).join('\n')}\n`);
    return exitCode;
  });
}

function readCount(path: string, text: string | undefined, otherwise: number, issues: Issue[]): number {
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,5}$/.test(text.trim())) return Number(text);
  issues.push({ path, got: JSON.stringify(text), expected: `a whole number from 1 to 999999, such as ${otherwise}` });
  return otherwise;
}

function percent(name: keyof BaselineLimits, path: string, text: string | undefined, issues: Issue[]): BaselineLimits {
  if (text === undefined) return {};
  const number = Number(text.replace(/\s*%$/, ''));
  if (text.trim() !== '' && number >= 0 && Number.isFinite(number)) return { [name]: number };
  issues.push({ path, got: JSON.stringify(text), expected: 'a percent such as 25' });
  return {};
}

function baselineLines({ now, compared, stored }: Measured): readonly string[] {
  const { hash, images, path, via, requests, concurrency, failed, requestsPerSecond, p50, p95, p99 } = now;
  return [
    `baseline of ${hash} (${images.join(', ')}): ${requests} requests to ${path}, ${concurrency} at a time, ${via === 'platform' ? "through the API server's proxy" : 'from here'}`,
    `  ${requestsPerSecond} requests/s · P50 ${p50} ms · P95 ${p95} ms · P99 ${p99} ms · ${failed} failed (${Math.round((1_000 * failed) / requests) / 10} %)`,
    ...(compared === undefined
      ? ['  nothing to compare with yet: the next revision is held against this']
      : [
          `  ${compared.verdict === 'pass' ? 'as good as' : 'worse than'} ${compared.before.hash} (${compared.before.images.join(', ')}, ${compared.before.at.slice(0, 10)}): ${compared.says.join('; ')}`,
        ]),
    ...(stored ? [] : ['  not stored: this platform keeps no baselines']),
  ];
}
