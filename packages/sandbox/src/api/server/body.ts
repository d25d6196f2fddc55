import { parse } from 'yaml';
import { isRecord, type Wire } from '../json.js';
import { decodeProtobuf } from '../protobuf/decode-protobuf.js';
import { badRequest, StatusError } from '../status-error.js';
import { noteDuplicates } from './duplicates.js';
import type { Incoming } from './incoming.js';

/** The API server's own limit. */
const MAX_BYTES = 3 * 1024 * 1024;

export const mediaTypeOf = (request: Incoming): string => (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

function refuseLarge(size: number): void {
  if (size > MAX_BYTES) throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BYTES}`);
}

async function textOf(request: Incoming): Promise<string> {
  const text = await request.text();
  refuseLarge(text.length);
  return text;
}

/** Typed clients of Go send the built-in kinds like this; answers may be JSON all the same, as they say in `Accept`. */
async function readProtobuf(request: Incoming, kind: string): Promise<Record<string, Wire> | undefined> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  refuseLarge(bytes.length);
  if (bytes.length === 0) return undefined;
  try {
    return decodeProtobuf(bytes);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @returns undefined for an empty body @throws StatusError 415, 400 */
export async function readObject(request: Incoming, kind: string): Promise<Record<string, Wire> | undefined> {
  const type = mediaTypeOf(request);
  if (type === PROTOBUF) return readProtobuf(request, kind);
  const body = await textOf(request);
  if (body.trim() === '') return undefined;
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') {
    const accepted = `application/json, application/yaml, ${PROTOBUF}`;
    throw new StatusError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
  }
  const parsed = parseAs(type === 'application/yaml' ? parse : JSON.parse, body, (why) =>
    badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${body.slice(0, 64)})`),
  );
  if (isRecord(parsed)) {
    if (type !== 'application/yaml') noteDuplicates(parsed, body);
    return parsed;
  }
  throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: not an object`);
}

/** @throws StatusError 400 */
export async function readPatch(request: Incoming, yaml: boolean): Promise<Wire> {
  const body = await textOf(request);
  return parseAs(yaml ? parse : JSON.parse, body, (why) => badRequest(`error decoding patch: ${why}`));
}

function parseAs(parser: (text: string) => Wire, body: string, refusal: (why: string) => StatusError): Wire {
  try {
    return parser(body);
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error));
  }
}
