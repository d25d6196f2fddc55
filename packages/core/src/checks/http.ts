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
}

function judge(reply: HttpReply, expected: HttpCheck): Verdict {
  const { pod, status, headers, text } = reply;
  const wanted = expected.status ?? 200;
  if (status === 0) return verdictError(`${pod} gave no answer to ${expected.path}: ${text}`);
  if (status !== wanted) return fail(`${pod} answered ${status} to ${expected.path}, expected ${wanted}`, { body: text.slice(0, 200) });
  for (const [name, value] of Object.entries(expected.header ?? {})) {
    const got = headers[name.toLowerCase()];
    if (got === undefined || !got.includes(value)) return fail(`${pod} answered ${expected.path} with header ${name}: ${got ?? 'none'}, expected ${value}`);
  }
  if (expected.text !== undefined && !text.includes(expected.text))
    return fail(`${pod} answered ${expected.path} without ${JSON.stringify(expected.text)}`, { body: text.slice(0, 200) });
  if (expected.json === undefined) return pass();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return fail(`${pod} answered ${expected.path} with something that is no JSON`, { body: text.slice(0, 200) });
  }
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

/** Every pod of the track answers so. */
export const http = defineCheck<HttpCheck>({
  use: 'shepherd/http',
  describe: ({ path, status = 200 }) => `GET ${path} answers ${status}`,
  run: askEveryPod,
});
