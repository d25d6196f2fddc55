/** How many pods a rolling update may have above and may lack below the wanted number. */
export interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

/** A number of pods or a share of the wanted ones, `25%`. */
export type IntOrPercent = number | string;

function resolve(value: IntOrPercent | undefined, total: number, round: (share: number) => number): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

/**
 * Surge rounds up and unavailable down, so that a percentage never lowers capacity by rounding. Both 0 would never move: then one pod may be
 * unavailable.
 */
export function fenceposts(maxSurge: IntOrPercent | undefined, maxUnavailable: IntOrPercent | undefined, desired: number): Fenceposts {
  const surge = resolve(maxSurge, desired, Math.ceil);
  const unavailable = resolve(maxUnavailable, desired, Math.floor);
  return { surge, unavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, desired) };
}

/** What the arithmetic needs of a ReplicaSet; a list of them is oldest first. */
export interface Replicas {
  /** `spec.replicas` */
  readonly size: number;
  /** `status.availableReplicas` */
  readonly available: number;
}

export const totalSize = (sets: readonly Replicas[]): number => sets.reduce((sum, { size }) => sum + size, 0);
const totalAvailable = (sets: readonly Replicas[]): number => sets.reduce((sum, { available }) => sum + available, 0);

/** How large the new ReplicaSet may be now: as far up as the surge leaves room, at once down to the wanted size. */
export function newSize(fresh: Replicas, old: readonly Replicas[], desired: number, { surge }: Fenceposts): number {
  if (fresh.size >= desired) return desired;
  const room = desired + surge - totalSize([fresh, ...old]);
  return room <= 0 ? fresh.size : fresh.size + Math.min(room, desired - fresh.size);
}

/**
 * The sizes of the old ReplicaSets now: first their unavailable pods go, because that costs no capacity, then as many available ones as are above the
 * minimum. New pods that are not available yet count against it.
 */
export function oldSizes(fresh: Replicas | undefined, old: readonly Replicas[], desired: number, { unavailable }: Fenceposts): number[] {
  const sizes = old.map(({ size }) => size);
  const minimum = desired - unavailable;
  let unhealthyBudget = totalSize(old) + (fresh?.size ?? 0) - minimum - ((fresh?.size ?? 0) - (fresh?.available ?? 0));
  if (totalSize(old) === 0 || unhealthyBudget <= 0) return sizes;
  for (const [index, { size, available }] of old.entries()) {
    const gone = Math.min(Math.max(0, size - available), Math.max(0, unhealthyBudget));
    sizes[index] = size - gone;
    unhealthyBudget -= gone;
  }
  let surplus = totalAvailable(old) + (fresh?.available ?? 0) - minimum;
  for (const [index, size] of sizes.entries()) {
    if (surplus <= 0) break;
    const gone = Math.min(size, surplus);
    sizes[index] = size - gone;
    surplus -= gone;
  }
  return sizes;
}

/** A ReplicaSet that takes part in proportional scaling. */
export interface Scalable {
  readonly size: number;
  /** The largest total when it was last scaled, from its annotation. */
  readonly maxBefore: number | undefined;
  readonly createdMs: number;
}

/**
 * The sizes after a change of `spec.replicas` in the middle of a rollout: each ReplicaSet takes its share, the largest the rest. Answers in the order given.
 */
export function proportionalSizes(sets: readonly Scalable[], desired: number, surge: number): number[] {
  const allowed = desired > 0 ? desired + surge : 0;
  const toAdd = allowed - sets.reduce((sum, { size }) => sum + size, 0);
  const order = sets
    .map((_, index) => index)
    .sort((a, b) => {
      const [one, two] = [sets[a] as Scalable, sets[b] as Scalable];
      if (one.size !== two.size) return two.size - one.size;
      return toAdd > 0 ? two.createdMs - one.createdMs : one.createdMs - two.createdMs;
    });
  const sizes = sets.map(({ size }) => size);
  let added = 0;
  for (const index of order) {
    const share = shareOf(sets[index] as Scalable, desired, surge, toAdd, added);
    sizes[index] = (sizes[index] as number) + share;
    added += share;
  }
  const largest = order[0];
  if (largest !== undefined && toAdd !== 0) sizes[largest] = Math.max(0, (sizes[largest] as number) + toAdd - added);
  return sizes;
}

function shareOf({ size, maxBefore }: Scalable, desired: number, surge: number, toAdd: number, added: number): number {
  if (size === 0 || toAdd === 0 || toAdd === added) return 0;
  const left = toAdd - added;
  const share = desired === 0 ? -size : maxBefore === undefined || maxBefore === 0 ? 0 : roundHalfAway((size * (desired + surge)) / maxBefore) - size;
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}

const roundHalfAway = (value: number): number => Math.floor(value + 0.5);
