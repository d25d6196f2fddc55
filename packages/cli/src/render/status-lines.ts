import { formatApp, formatOutcome, type RolloutState, type Target, type Track } from '@shepherd/core';
import { table } from './table.js';

export interface Status {
  readonly target: Target;
  readonly rollout: RolloutState | undefined;
}

/** Where an app stands, for people. */
export function statusLines({ target, rollout }: Status): readonly string[] {
  const { stable, candidate, weight, router } = target;
  const row = (name: string, track: Track): string[] => [
    `  ${name}`,
    `${track.ready} of ${track.replicas} pods ready`,
    track.revision.images.join(', '),
    `${track.revision.hash}${track.revision.verified ? ' (verified)' : ''}`,
  ];
  return [
    formatApp(target.app),
    ...table([
      ...(stable === undefined ? [] : [row('stable', stable)]),
      ...(candidate === undefined ? [] : [row('candidate', candidate)]),
      ['  traffic', `${weight} % on the candidate`, `split by ${router.name}`, ''],
      ['  rollout', rollout?.id ?? 'none yet', '', ''],
    ]),
    ...(rollout === undefined ? [] : rolloutLines(rollout)),
  ];
}

function rolloutLines({ now, driver, unwatchedDeadline }: RolloutState): readonly string[] {
  if (now.kind === 'ended')
    return formatOutcome(now.outcome)
      .split('\n')
      .map((line) => `    ${line}`);
  const driven = driver === undefined ? 'nobody drives it: shepherd resume, or shepherd abort' : `driven by ${driver}`;
  const does = now.kind === 'rolling-back' ? 'taken up' : 'taken back';
  const unwatched = driver === undefined ? does : `without a driver it would be ${does}`;
  const alone =
    unwatchedDeadline === undefined ? '    may stand without a driver' : `    ${unwatched} by whoever recovers, or the watchdog, from ${unwatchedDeadline} on`;
  if (now.kind === 'waiting') {
    const what = now.missing === undefined ? `waits for ${now.on} until ${now.until}: ${now.reason}` : `held: ${now.reason}`;
    return [`    ${what}`, `    ${driven}`, alone];
  }
  return [`    ${now.kind === 'rolling-back' ? 'goes back' : 'goes on'}: step ${Math.min(now.step + 1, now.of)} of ${now.of}; ${driven}`, alone];
}
