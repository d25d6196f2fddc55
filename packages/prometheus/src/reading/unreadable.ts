import type { MetricsReading } from '@shepherd/core';

/** What makes a reading unusable (AN 1.2). */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  constructor(
    readonly reason: Extract<MetricsReading, { kind: 'unavailable' }>['reason'],
    message: string,
    /** What to do about it, where that is known. */
    readonly fix?: string | undefined,
  ) {
    super(message);
  }
}
