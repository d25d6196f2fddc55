import type { CheckContext } from '../extend/define-check.js';
import { defineCheck } from '../extend/define-check.js';
import type { HttpReply } from '../ports/http.js';
import { fail, pass, type Verdict, verdictError, worst } from '../words/verdict.js';
import { mismatch } from './mismatch.js';

/** What every pod of the track must answer. `json`: fields that must be there with these values, others may be too. `text`: must be contained. */
export interface HttpCheck {
  readonly path: string;
  /** @default 200 */
  readonly status?: number | undefined;
  readonly json?: unknown;
  readonly header?: Readonly<Record<string, string>> | undefined;
  readonly text?: string | undefined;
  /** Names something that the app depends on and that `json` asks about: where that is down no other version would fare better, so a rollback stops there. */
  readonly dependency?: string | undefined;
}

/** Undefined: no JSON. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function judge(reply: HttpReply, expected: HttpCheck): Verdict {
  const { pod, status, headers, text } = reply;
  const wanted = expected.status ?? 200;
  if (status === 0) return verdictError(`${pod} gave no answer to ${expected.path}: ${text}`);
  const down = expected.dependency === undefined ? undefined : mismatch(bodyOf(text), expected.json);
  if (down !== undefined && bodyOf(text) !== undefined)
    return fail(`${pod} says of ${expected.dependency}: ${down} (${status} from ${expected.path})`, { dependency: expected.dependency });
  if (status !== wanted) return fail(`${pod} answered ${status} to ${expected.path}, expected ${wanted}`, { body: text.slice(0, 200) });
  for (const [name, value] of Object.entries(expected.header ?? {})) {
    const got = headers[name.toLowerCase()];
    if (got === undefined || !got.includes(value)) return fail(`${pod} answered ${expected.path} with header ${name}: ${got ?? 'none'}, expected ${value}`);
  }
  if (expected.text !== undefined && !text.includes(expected.text))
    return fail(`${pod} answered ${expected.path} without ${JSON.stringify(expected.text)}`, { body: text.slice(0, 200) });
  if (expected.json === undefined) return pass();
  const body = bodyOf(text);
  if (body === undefined) return fail(`${pod} answered ${expected.path} with something that is no JSON`, { body: text.slice(0, 200) });
  const wrong = mismatch(body, expected.json);
  return wrong === undefined ? pass() : fail(`${pod} answered ${expected.path} with ${wrong}`, { body: text.slice(0, 200) });
}

/** Asks every pod and judges each answer; no pod at all is an error, never a pass. */
export async function askEveryPod(expected: HttpCheck, { http, track }: CheckContext): Promise<Verdict> {
  const replies = await http(track, expected.path);
  if (replies.length === 0) return verdictError(`${track} has no pod to ask for ${expected.path}`);
  const verdict = worst(replies.map((reply) => judge(reply, expected)));
  return verdict.kind === 'pass' ? pass(`${replies.length} of ${replies.length} pods answered ${expected.path} as expected`) : verdict;
}

/** The app's own API answers validly: what it is for, not only that it lives (the guide's third verification). */
export const api = defineCheck<HttpCheck>({
  use: 'shepherd/api',
  describe: ({ path, status = 200 }) => `the API answers ${path} with ${status}`,
  run: askEveryPod,
});

/** Every pod serves metrics in the text format of Prometheus (the guide's fourth verification). @default path '/metrics' */
export const metricsServed = defineCheck<{ readonly path?: string | undefined }>({
  use: 'shepherd/metrics',
  describe: ({ path = '/metrics' }) => `every pod serves metrics at ${path}`,
  run: ({ path = '/metrics' }, context) => askEveryPod({ path, text: '# TYPE' }, context),
});

/** Every pod of the track answers so. */
export const http = defineCheck<HttpCheck>({
  use: 'shepherd/http',
  describe: ({ path, status = 200 }) => `GET ${path} answers ${status}`,
  run: askEveryPod,
});
