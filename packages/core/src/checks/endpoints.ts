import { defineCheck } from '../extend/define-check.js';
import { fail, pass, verdictError } from '../words/verdict.js';

/** Every ready pod of the track is in the app's endpoints, and the Service answers (the guide's "endpoints are populated"). */
export const endpoints = defineCheck<Record<string, never>>({
  use: 'shepherd/endpoints',
  describe: () => 'the Service reaches the pods',
  async run(_, { inspect, track, http, healthPath, target }) {
    const now = await inspect();
    if (now === undefined || now.ready === 0) return fail(`${track} has no ready pod in the endpoints`);
    if (target.router.switches === false) return pass('the app has no Service');
    const [reply] = await http('service', (await healthPath()) ?? '/');
    if (reply === undefined) return pass('the app has no Service');
    if (reply.status === 0) return verdictError(`the Service gave no answer: ${reply.text}`);
    return reply.status < 500
      ? pass(`${now.ready} pods in the endpoints, the Service answered ${reply.status}`)
      : fail(`the Service answered ${reply.status}`, { body: reply.text.slice(0, 200) });
  },
});
