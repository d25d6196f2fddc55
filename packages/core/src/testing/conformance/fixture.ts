import assert from 'node:assert/strict';
import type { ErrorCode } from '../../errors/error-facts.js';
import { ShepherdError } from '../../errors/shepherd-error.js';
import { systemClock } from '../../internal/system-clock.js';
import type { Clock } from '../../ports/clock.js';
import type { PortContext, WriteContext } from '../../ports/context.js';
import type { Platform, TrackStatus } from '../../ports/platform.js';
import type { App } from '../../words/app.js';
import type { TrackName } from '../../words/revision.js';
import type { Case } from './case.js';

/**
 * A fresh place for one case: an app with a Service and two or more replicas, all ready, that no rollout has touched. Time is the platform's clock, else the
 * system's.
 */
export interface PlatformFixture<R> {
  readonly platform: Platform<R>;
  readonly app: App;
  /** Pods that the app wants and has. */
  readonly replicas: number;
  /** What the app runs. */
  readonly release: R;
  /** Another one, whose pods get ready. */
  readonly next: R;
  /** One whose pods never get ready, in a way that the platform can tell. */
  readonly broken: R;
  /** Gives the app an autoscaler between these. Without it the cases about autoscalers have nothing to ask. */
  autoscale?(bounds: { readonly min: number; readonly max: number }): Promise<void>;
  /** Called after the case, whatever its end. */
  close?(): Promise<void>;
}

/** Makes the place; called once a case. */
export type CreateFixture<R> = () => Promise<PlatformFixture<R>>;

const patienceMs = 300_000;

/** What a case works with. */
export class Scene<R> {
  readonly fixture: PlatformFixture<R>;
  readonly platform: Platform<R>;
  readonly clock: Clock;
  readonly #stop = new AbortController();

  constructor(fixture: PlatformFixture<R>) {
    this.fixture = fixture;
    this.platform = fixture.platform;
    this.clock = fixture.platform.clock ?? systemClock;
  }

  read(signal: AbortSignal = this.#stop.signal): PortContext {
    return { app: this.fixture.app, rolloutId: undefined, signal, clock: this.clock };
  }

  /** As the holder of a lock with this fence. */
  write(fence = 1, rolloutId = `conformance-${fence}`): WriteContext {
    return { ...this.read(), rolloutId, fence };
  }

  /** The first status that is enough. */
  async until(track: TrackName, enough: (status: TrackStatus) => boolean): Promise<TrackStatus> {
    const seen: TrackStatus[] = [];
    const late = new AbortController();
    const stopTimer = new AbortController();
    const timer = this.clock.sleep(patienceMs, stopTimer.signal).then(
      () => late.abort(),
      () => undefined,
    );
    try {
      for await (const status of this.platform.tracks.watch(this.read(late.signal), track)) {
        seen.push(status);
        if (enough(status)) return status;
      }
    } finally {
      stopTimer.abort();
      await timer;
    }
    return assert.fail(`${track} did not get there within ${patienceMs / 1_000} s; last seen: ${JSON.stringify(seen.at(-1))}`);
  }

  settled(track: TrackName): Promise<TrackStatus> {
    return this.until(track, (status) => status.settled);
  }

  /** A candidate with all its pods ready. */
  async candidate({ replicas = this.fixture.replicas, isolated = false, fence = 1 } = {}): Promise<void> {
    await this.platform.releases.apply(this.write(fence), this.fixture.next, { track: 'candidate', replicas, isolated });
    await this.until('candidate', (status) => status.settled && status.replicas === replicas);
  }

  /** Ends what the case left open. */
  end(): void {
    this.#stop.abort();
  }
}

/** A list of cases from sentences and what they do. */
export const casesOf = <R>(create: CreateFixture<R>, sentences: Readonly<Record<string, (scene: Scene<R>) => Promise<void>>>): readonly Case[] =>
  Object.entries(sentences).map(([name, work]) => ({
    name,
    run: async () => {
      const fixture = await create();
      const scene = new Scene(fixture);
      try {
        await work(scene);
      } finally {
        scene.end();
        await fixture.close?.();
      }
    },
  }));

/** The call rejects with this code. */
export const refused = (work: Promise<unknown>, code: ErrorCode): Promise<void> => refusedAs(work, [code]);

/** The call rejects with one of these codes. */
export async function refusedAs(work: Promise<unknown>, codes: readonly ErrorCode[]): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown ?? 'nothing',
  );
  const expected = codes.join(' or ');
  assert.notEqual(error, undefined, `it resolved, expected ${expected}`);
  const isOne = ShepherdError.is(error) && codes.includes(error.code);
  assert.ok(isOne, `expected ${expected}, got ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
