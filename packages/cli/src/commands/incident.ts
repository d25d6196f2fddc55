import { type Issue, type Undelivered } from '@shepherd/core';
import {
  type Incident,
  type IncidentChange,
  type IncidentKind,
  incidentKinds,
  listIncidents,
  openIncident,
  recordCause,
  resolveIncident,
} from '@shepherd/core/incidents';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { schemaVersion } from '../ledger.js';
import { undeliveredLines } from '../notify/undelivered.js';
import { incidentLines } from '../render/incident-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface IncidentFlags extends AppFlags {
  readonly kind?: string | undefined;
  readonly reason?: string | undefined;
  readonly cause?: string | undefined;
  readonly since?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Opens, explains, resolves or lists incidents. @returns 0, also where some channel could not be told: that is said */
export async function incident(verb: 'open' | 'cause' | 'resolve' | 'list', argument: string | undefined, flags: IncidentFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const what = appName(argument, flags, settings, issues);
  const kind = readKind(verb, flags, issues);
  if (verb === 'open' && (flags.reason ?? '').trim() === '')
    issues.push({ path: '--reason', got: 'nothing', expected: 'what is wrong, for those who are told' });
  refuse(issues);
  const { stdout, stderr } = world.io;
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd, interrupt }) => {
    const signal = interrupt.abortSignal;
    if (verb === 'list') {
      const incidents = await listIncidents(shepherd, what, { signal });
      if (flags.json === true) stdout.write(`${JSON.stringify({ app: what, incidents })}\n`);
      else stdout.write(incidents.length === 0 ? 'no incidents\n' : `${incidents.flatMap((each) => incidentLines(each)).join('\n')}\n`);
      return 0;
    }
    const some = { signal, ...(kind === undefined ? {} : { kind }) };
    const change =
      verb === 'open'
        ? await openIncident(shepherd, what, {
            signal,
            kind: kind as IncidentKind,
            reason: String(flags.reason),
            ...(flags.since === undefined ? {} : { since: flags.since }),
          })
        : verb === 'cause'
          ? await recordCause(shepherd, what, { ...some, cause: String(flags.cause) })
          : await resolveIncident(shepherd, what, { ...some, ...(flags.reason === undefined ? {} : { reason: flags.reason }) });
    if (flags.json === true) stdout.write(`${JSON.stringify({ schemaVersion, type: 'result', ...change, exitCode: 0 })}\n`);
    else for (const line of changeLines(verb, change)) stdout.write(`${line}\n`);
    say(change.undelivered, stderr);
    return 0;
  });
}

function readKind(verb: string, { kind }: IncidentFlags, issues: Issue[]): IncidentKind | undefined {
  const known: readonly string[] = incidentKinds;
  if (kind === undefined ? verb === 'open' : !known.includes(kind))
    issues.push({ path: '--kind', got: kind === undefined ? 'nothing' : JSON.stringify(kind), expected: `one of ${known.join(', ')}` });
  return kind as IncidentKind | undefined;
}

const done = { open: 'is open already', cause: 'has this cause already', resolve: 'is over already' } as const;

function changeLines(verb: 'open' | 'cause' | 'resolve', { incident: it, changed, held }: IncidentChange): readonly string[] {
  return [
    ...(changed ? [] : [`${it.kind} ${done[verb]}`]),
    ...incidentLines(it),
    ...(held === undefined ? [] : [`rollout ${held} is held until a person decides: shepherd resume ${held}, or shepherd abort ${held}`]),
    ...(verb === 'open' && clocksRun(it) ? ['its clocks run where somebody watches: shepherd watch APP --for 30m'] : []),
  ];
}

const clocksRun = ({ clocks }: Incident): boolean => clocks.length > 0;

const say = (undelivered: readonly Undelivered[], stderr: World['io']['stderr']): void => {
  for (const line of undeliveredLines(undelivered)) stderr.write(`${line}\n`);
};
