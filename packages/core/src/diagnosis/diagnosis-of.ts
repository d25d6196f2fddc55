import { invalidOptions } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import type { Diagnosis } from '../ports/diagnosis.js';
import type { Saved } from '../ports/journal.js';
import type { Platform } from '../ports/platform.js';
import { partsOf } from '../rollout/clusters.js';
import { inside, type Shepherd } from '../shepherd.js';
import type { AppRef } from '../words/app.js';

export interface Looking {
  readonly platform: Platform<unknown>;
  readonly diagnosis: Diagnosis;
  readonly context: PortContext;
  readonly journal: () => Promise<Saved | undefined>;
}

/** The platform's means to look closely at an app. @throws ShepherdError ERR_INVALID_OPTIONS where it has none */
export async function diagnosisOf(shepherd: Shepherd<never>, app: AppRef, signal: AbortSignal): Promise<Looking> {
  const { platform, context } = await inside(shepherd).locate(partsOf(app), signal);
  const { diagnosis } = platform;
  if (diagnosis === undefined)
    throw invalidOptions([{ path: 'platform', got: platform.name, expected: 'a platform with a diagnosis port' }], 'look with the tools of that platform');
  return { platform, diagnosis, context, journal: () => platform.journal.load(context) };
}
