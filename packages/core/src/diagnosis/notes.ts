import { readAppRecord } from '../engine/read-record.js';
import type { PlatformNote } from '../ports/diagnosis.js';
import type { Shepherd } from '../shepherd.js';
import type { AppRef } from '../words/app.js';
import { diagnosisOf } from './diagnosis-of.js';

/** How far back to look. */
export interface NotesOptions {
  /** ISO 8601 UTC. @default when the app's last rollout began; without one, as far back as the platform remembers */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the platform noted about an app's objects (Kubernetes: Events), oldest first; routine such as `Pulled` is left out.
 * @throws ShepherdError ERR_APP_NOT_FOUND, ERR_FORBIDDEN, ERR_UNREACHABLE
 */
export async function readNotes(
  shepherd: Shepherd<never>,
  app: AppRef,
  { since, signal = new AbortController().signal }: NotesOptions = {},
): Promise<readonly PlatformNote[]> {
  const { diagnosis, context, journal } = await diagnosisOf(shepherd, app, signal);
  const from = since ?? readAppRecord(await journal(), context.app)?.current.startedAt;
  return diagnosis.notes(context, from);
}
