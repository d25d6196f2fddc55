// After a release: watch over an app for as long as the guide says, tell people what happens, and go back by itself where nothing gets better.
import type { Shepherd } from '@shepherd/core';
import { type Incident, watchOver } from '@shepherd/core/incidents';

/** @returns the incidents that are open at the end */
export async function afterRelease(shepherd: Shepherd<never>, app: string, say: (text: string) => void): Promise<readonly Incident[]> {
  for await (const event of watchOver(shepherd, app, { for: '30m', auto: true })) {
    if (event.type === 'look') say(event.says);
    if (event.type === 'incident') say(`${event.incident.kind}: ${event.incident.fired.map(({ rule }) => rule).join(', ') || 'open'}`);
    if (event.type === 'watch-end') return event.open;
  }
  return [];
}
