import type { Clock } from '@shepherd/core';
import type { Connect, NameContext } from './connect.js';
import type { Io } from './io.js';
import type { OutputMode } from './output-mode.js';
import type { Report } from './report.js';

/** What a command works with. */
export interface World {
  readonly io: Io;
  readonly output: OutputMode;
  readonly clock: Clock;
  readonly connect: Connect;
  readonly nameContext: NameContext;
  /** Told what a command comes to, beside what it prints. */
  readonly report: Required<Report>;
}
