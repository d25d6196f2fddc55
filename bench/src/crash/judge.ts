import type { Outcome, RolloutEvent } from '@shepherd/core';

/** What a run left. */
export interface Ended {
  readonly outcome: Outcome | undefined;
  /** As `finalState` says it. */
  readonly state: Readonly<Record<string, unknown>>;
  /** What each process published. */
  readonly published: readonly (readonly RolloutEvent[])[];
  /** What a later process reads in the journal. */
  readonly events: readonly RolloutEvent[];
  /** Pods started, by `revisionOf`. */
  readonly started: Readonly<Record<string, number>>;
}

/** What is wrong with the end of a run in which runners were killed, compared with the one in which none was. */
export const judgeEnd = (undisturbed: Ended, ended: Ended): readonly string[] => [
  ...diff('outcome', essence(undisturbed.outcome), essence(ended.outcome)),
  ...diff('final objects', undisturbed.state, ended.state),
  ...wrongNumbers(ended),
  ...diff('once', once(undisturbed.events), once(ended.events)),
];

/** No pod was started that was not started without the crash. */
export const judgeChurn = (most: Ended['started'], started: Ended['started']): readonly string[] =>
  Object.entries(started).flatMap(([pods, count]) => {
    const allowed = most[pods] ?? 0;
    return count > allowed ? [`pod churn: ${count} pods of ${pods} were started, ${allowed} without the crash`] : [];
  });

/** The story that the events tell is the same. */
export const judgeStory = (undisturbed: Ended, { events }: Ended): readonly string[] => [
  ...diff('weights', weights(undisturbed.events), weights(events)),
  ...diff('steps that ended', endedSteps(undisturbed.events), endedSteps(events)),
];

/** What an outcome means, without times and the names of pods. */
function essence(outcome: Outcome | undefined): unknown {
  if (outcome === undefined) return undefined;
  const { kind, final, from, to } = outcome;
  const cause = 'cause' in outcome ? outcome.cause.kind : undefined;
  return { kind, final, from: from?.hash, to: to?.hash, serving: 'serving' in outcome ? outcome.serving : undefined, cause };
}

/** No event is lost, changed or there twice, whichever process published it. */
function wrongNumbers({ events, published }: Ended): readonly string[] {
  const numbers = events.map(({ sequence }) => sequence);
  const gapless = numbers.every((sequence, index) => sequence === index + 1);
  const stored = new Map(events.map((event) => [event.sequence, JSON.stringify(event)]));
  const strange = published.flatMap((heard, index) =>
    heard
      .filter((event) => stored.get(event.sequence) !== JSON.stringify(event))
      .map(({ sequence, type }) => `event ${sequence} (${type}) as runner-${index + 1} published it is not in the journal`),
  );
  return [...(gapless ? [] : [`the numbers of the events are ${numbers.join()}`]), ...strange];
}

const once = (events: readonly RolloutEvent[]): unknown =>
  Object.fromEntries(['rollout-start', 'rollback-start', 'rollout-end'].map((type) => [type, events.filter((event) => event.type === type).length]));

const weights = (events: readonly RolloutEvent[]): unknown =>
  events.flatMap((event) => (event.type === 'weight-change' ? [`${event.from} → ${event.to}`] : []));

/** A step may start again in another process; that it ended is said of each, going forward and going back. */
function endedSteps(events: readonly RolloutEvent[]): unknown {
  const back = events.findIndex(({ type }) => type === 'rollback-start') >>> 0;
  return [
    ...new Set(events.flatMap((event, at) => (event.type === 'step-end' ? [`${at < back ? 'forward' : 'back'} ${event.index} ${event.verdict.kind}`] : []))),
  ];
}

/** The places at which two values differ. */
function diff(what: string, expected: unknown, got: unknown): readonly string[] {
  if (isObject(expected) && isObject(got)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
    return keys.flatMap((key) => diff(`${what}.${key}`, expected[key], got[key]));
  }
  const [a, b] = [JSON.stringify(expected), JSON.stringify(got)];
  return a === b ? [] : [`${what}: ${b ?? 'nothing'}, without the crash ${a ?? 'nothing'}`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
