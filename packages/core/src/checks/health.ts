import { defineCheck } from '../extend/define-check.js';
import { pass } from '../words/verdict.js';
import { askEveryPod } from './http.js';

/** Every pod says that it is well. Without a path: where its readiness or liveness probe asks; an app that has none passes, and that is said. */
export const health = defineCheck<{ readonly path?: string | undefined }>({
  use: 'shepherd/health',
  describe: ({ path }) => (path === undefined ? 'every pod says that it is well' : `every pod answers ${path}`),
  async run(input, context) {
    const path = input.path ?? (await context.healthPath());
    return path === undefined ? pass('the app has no HTTP probe to ask') : askEveryPod({ path }, context);
  },
});
