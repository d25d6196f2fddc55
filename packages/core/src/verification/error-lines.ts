import { clean } from '../notices/clean.js';
import type { PodLog } from '../ports/diagnosis.js';

/** What of a container's last log lines tells of trouble. JSON. */
export interface ErrorLines {
  readonly pod: string;
  readonly container: string;
  /** How many lines were looked at. */
  readonly of: number;
  /** Those that tell, oldest first, at most 20: without credentials and control characters. */
  readonly lines: readonly string[];
  /** Why its log could not be read. */
  readonly unread?: string | undefined;
}

/** How many of the last lines of each container are looked at. */
export const linesLookedAt = 100;
const most = 20;
const longest = 300;

const trouble = /\b(?:errors?|err|fatal|panic(?:ked)?|exception|traceback|critical|fail(?:ed|ure|s)?|unhandled|E\d{4})\b|[a-z]Error\b|[a-z]Exception\b/i;
/** Words of trouble that say that there is none. */
const calm =
  /\b(?:0|no|without) (?:errors?|failures?|exceptions?)\b|\b(?:errors?|failures?|failed|err)["']?\s*[=:]\s*["']?(?:0|null|nil|none|false|""|'')?["']?(?=[\s,;}\]]|$)/gi;

/** Whether a line of a log tells of trouble: by its words, or by the level that it was written at. Pure. */
export const tellsOfTrouble = (line: string): boolean => trouble.test(line.replace(calm, ''));

/** The lines of trouble in each log; containers in order of their names. Pure. */
export const errorLinesOf = (logs: readonly PodLog[]): readonly ErrorLines[] =>
  logs
    .map(({ pod, container, lines, unread }) => ({
      pod,
      container,
      of: lines.length,
      lines: lines
        .map((line) => clean(line, longest))
        .filter(tellsOfTrouble)
        .slice(-most),
      ...(unread === undefined ? {} : { unread }),
    }))
    .toSorted((a, b) => (`${a.pod} ${a.container}` < `${b.pod} ${b.container}` ? -1 : 1));
