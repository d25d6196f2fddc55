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

function rolloutLines({ now, driver }: RolloutState): readonly string[] {
  if (now.kind === 'ended')
    return formatOutcome(now.outcome)
      .split('\n')
      .map((line) => `    ${line}`);
  const driven = driver === undefined ? 'nobody drives it: shepherd resume' : `driven by ${driver}`;
  if (now.kind === 'waiting') return [`    waits for ${now.on} until ${now.until}: ${now.reason}`, `    ${driven}`];
  return [`    ${now.kind === 'rolling-back' ? 'goes back' : 'goes on'}: step ${Math.min(now.step + 1, now.of)} of ${now.of}; ${driven}`];
}

/** The pods of an app in one line, for `watch`. */
export function podsLine({ stable, candidate, weight }: Target): string {
  const of = (name: string, track: Track | undefined): string =>
    track === undefined ? '' : `${name} ${track.ready} of ${track.replicas} ready (${track.revision.hash})`;
  return [of('stable', stable), of('candidate', candidate), `${weight} % on the candidate`].filter((part) => part !== '').join(' · ');
}
