import { defineCheck } from '../extend/define-check.js';
import { fail, pass } from '../words/verdict.js';

/** All wanted pods of the track are ready (the guide's first verification). */
export const pods = defineCheck<Record<string, never>>({
  use: 'shepherd/pods',
  describe: () => 'all wanted pods are ready',
  async run(_, { inspect, track }) {
    const now = await inspect();
    if (now === undefined) return fail(`${track} does not exist`);
    const text = `${now.ready} of ${now.replicas} pods of ${track} are ready`;
    return now.ready >= now.replicas && now.replicas > 0 ? pass(text, now) : fail(text, now);
  },
});

/** The app runs as many pods as it is meant to, live and not by manifest (the guide's fifth verification). */
export const replicas = defineCheck<Record<string, never>>({
  use: 'shepherd/replicas',
  describe: () => 'as many pods as the app is meant to have',
  async run(_, { inspect, track, target }) {
    const now = await inspect();
    // An autoscaler may raise R while a candidate serves: promotion brings stable to it, so that is nothing to hold against the release (RR PT-13).
    const raised = track === 'candidate' && target.autoscaled !== undefined;
    const meant = raised ? Math.min(target.replicas, now?.replicas ?? target.replicas) : target.replicas;
    const text = `${track} has ${now?.ready ?? 0} ready pods, the app is meant to have ${meant}`;
    return (now?.ready ?? 0) >= meant ? pass(text) : fail(text);
  },
});
