import { parse } from 'yaml';
import { isRecord, type Wire } from '../json.js';
import { badRequest, StatusError } from '../status-error.js';

/** The API server's own limit. */
const MAX_BYTES = 3 * 1024 * 1024;

export const mediaTypeOf = (request: Request): string => (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

async function bytesOf(request: Request): Promise<string> {
  const text = await request.text();
  if (text.length > MAX_BYTES) throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BYTES}`);
  return text;
}

/** @returns undefined for an empty body @throws StatusError 415, 400 */
export async function readObject(request: Request, kind: string): Promise<Record<string, Wire> | undefined> {
  const type = mediaTypeOf(request);
  const body = await bytesOf(request);
  if (body.trim() === '') return undefined;
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') {
    const accepted = 'application/json, application/yaml';
    throw new StatusError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
  }
  const parsed = parseAs(type === 'application/yaml' ? parse : JSON.parse, body, (why) =>
    badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${body.slice(0, 64)})`),
  );
  if (isRecord(parsed)) return parsed;
  throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: not an object`);
}

/** @throws StatusError 400 */
export async function readPatch(request: Request, yaml: boolean): Promise<Wire> {
  const body = await bytesOf(request);
  return parseAs(yaml ? parse : JSON.parse, body, (why) => badRequest(`error decoding patch: ${why}`));
}

function parseAs(parser: (text: string) => Wire, body: string, refusal: (why: string) => StatusError): Wire {
  try {
    return parser(body);
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error));
  }
}
