import type { LockHolder, RolloutState } from '@shepherd/core';

/** Who holds a lock, and what is known of the rollout that it is for. */
export interface LockState {
  readonly holder?: LockHolder | undefined;
  readonly rollout?: RolloutState | undefined;
}

const doing = ({ now, weight }: RolloutState): string => {
  switch (now.kind) {
    case 'ended':
      return `has ended: ${now.outcome.kind}`;
    case 'waiting':
      return `waits for ${now.on} until ${now.until}: ${now.reason}`;
    default:
      return `${now.kind === 'rolling-back' ? 'goes back' : 'goes on'}: step ${Math.min(now.step + 1, now.of)} of ${now.of}, ${weight} % on the new version`;
  }
};

/** Who holds a lock, for people. */
export function lockLines(what: string, { holder, rollout }: LockState): readonly string[] {
  if (holder !== undefined) {
    return [
      `held by ${holder.heldBy} since ${holder.since}`,
      `  rollout  ${holder.rolloutId}`,
      `           ${rollout === undefined ? 'has written nothing yet' : doing(rollout)}`,
      `  if that process does not answer any more: shepherd lock release ${holder.rolloutId}`,
    ];
  }
  const unfinished = rollout !== undefined && rollout.now.kind !== 'ended';
  return [
    `nobody holds the lock of ${what}`,
    ...(rollout === undefined ? [] : [`  rollout  ${rollout.id}`, `           ${doing(rollout)}`]),
    ...(unfinished ? [`  nobody drives it: shepherd resume ${rollout.id}, or shepherd abort ${rollout.id}`] : []),
  ];
}

/** What a release of the lock will bring about, for people who are about to do it. */
export const releaseLines = ({ holder, rollout }: LockState): readonly string[] => [
  `held by ${holder?.heldBy} since ${holder?.since}`,
  `  rollout  ${holder?.rolloutId}`,
  ...(rollout === undefined ? [] : [`           ${doing(rollout)}`]),
  '  that process, if it lives, stops where it is and writes nothing more; traffic and pods stay as they are',
  '  until somebody resumes the rollout, takes it back, or releases something else',
];
