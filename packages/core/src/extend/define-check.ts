import type { Counted } from '../analysis/split.js';
import type { Target, Track } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { PlatformNote } from '../ports/diagnosis.js';
import type { Exec } from '../ports/exec.js';
import type { Http } from '../ports/http.js';
import type { TrackName } from '../words/revision.js';
import type { Verdict } from '../words/verdict.js';
import { define } from './define.js';
import type { Definition, Named } from './definition.js';

/** The track under test: of a custom step the candidate. */
export interface CheckContext extends PortContext {
  readonly target: Target;
  readonly track: TrackName;
  readonly http: Http;
  /** Runs a command in a pod; undefined where the platform does not. */
  readonly exec?: Exec | undefined;
  /** The path at which the app says that it is well, where the platform knows one. */
  healthPath(): Promise<string | undefined>;
  /** The track as it is now. */
  inspect(): Promise<Track | undefined>;
  /** What the platform noted about the app since then (ISO 8601 UTC). After a rollback alone, and where the platform has a diagnosis port. */
  readonly notes?: ((since: string) => Promise<readonly PlatformNote[]>) | undefined;
  /**
   * Requests of the track since the first call, and how many of them failed; undefined: they could not be counted. After a rollback alone, since a release has a
   * judge, and where there is a metrics provider.
   */
  readonly requests?: (() => Promise<Counted | undefined>) | undefined;
}

/** What `defineCheck` takes. */
export interface CheckDefinition<I> extends Named<I> {
  run(input: I, context: CheckContext): Promise<Verdict>;
}

/** A check of one's own. A throw is the verdict `error`. */
export function defineCheck<I>(definition: CheckDefinition<I>): Definition<'check', I> {
  return define('check', definition);
}
