import type { Wire } from '../json.js';
import { invalidValue, notSupported } from '../kinds/causes.js';
import type { ResourceInfo } from '../resources.js';
import { apiVersionOf } from '../resources.js';
import { DecodeError, decode } from '../schema/decode.js';
import { typeOf } from '../schema/schema.js';
import { badRequest, invalid, StatusError } from '../status-error.js';
import type { Call } from './call.js';
import { duplicatesOf } from './duplicates.js';

/** What the query of a write says. */
export interface WriteQuery {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly validation: 'Ignore' | 'Strict' | 'Warn';
}

const OPTIONS_KIND: Readonly<Record<string, string>> = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' };

/** @throws StatusError 422 for values that nobody knows */
export function writeQueryOf({ query, request, verb }: Call): WriteQuery {
  const kind = { group: 'meta.k8s.io', kind: OPTIONS_KIND[verb] ?? 'DeleteOptions' };
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) throw invalid(kind, '', [notSupported('dryRun', dryRun, ['All'])]);
  const validation = query.get('fieldValidation') || 'Warn';
  if (validation !== 'Ignore' && validation !== 'Strict' && validation !== 'Warn') {
    throw invalid(kind, '', [notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn'])]);
  }
  const manager = query.get('fieldManager') || request.headers.get('user-agent')?.split('/')[0] || 'unknown';
  if (manager.length > 128) {
    throw invalid(kind, '', [{ reason: 'FieldValueTooLong', field: 'fieldManager', message: 'Too long: may not be more than 128 bytes' }]);
  }
  return { dryRun: dryRun.length > 0, manager, validation };
}

export interface DecodedBody {
  readonly object: Wire;
  readonly warnings: readonly string[];
}

const unknownText = (field: string): string => `unknown field ${JSON.stringify(field)}`;
const strict = (complaints: readonly string[]): string => `strict decoding error: ${complaints.join(', ')}`;

/** Reads a body as the kind of its address. @throws StatusError 400 */
export function decodeBody(info: ResourceInfo, body: Wire, validation: WriteQuery['validation'], kind = info.kind): DecodedBody {
  const { apiVersion, kind: givenKind } = body;
  const expected = kind === info.kind ? apiVersionOf(info) : apiVersion;
  const refuse = (why: string): StatusError =>
    badRequest(`${givenKind ?? kind} in version ${JSON.stringify(versionOf(apiVersion ?? expected))} cannot be handled as a ${kind}: ${why}`);
  // a version of a known kind that does not exist
  if (givenKind === kind && apiVersion && apiVersion !== expected && groupOf(apiVersion) === info.group) {
    throw refuse(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:110"`);
  }
  if ((givenKind !== undefined && givenKind !== '' && givenKind !== kind) || (apiVersion !== undefined && apiVersion !== '' && apiVersion !== expected)) {
    throw refuse(`converting (${goName(apiVersion ?? expected, givenKind ?? kind)}) to (${internal(info, kind)}): unknown conversion`);
  }
  try {
    const { object, unknownFields } = decode(kind, body, kind === info.kind ? typeOf(info) : undefined);
    const complaints = [...duplicatesOf(body).map((field) => `duplicate field ${JSON.stringify(field)}`), ...unknownFields.map(unknownText)];
    if (complaints.length > 0 && validation === 'Strict') throw refuse(strict(complaints));
    return { object, warnings: validation === 'Warn' ? complaints : [] };
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

/** Reads what a patch made of an object. @throws StatusError 422, as a patch that breaks the type is the patch's fault; as are unknown fields when they are refused */
export function decodePatched(
  info: ResourceInfo,
  patched: Wire,
  validation: WriteQuery['validation'],
  { kind = info.kind, patch = JSON.stringify(patched) }: { readonly kind?: string; readonly patch?: string } = {},
): DecodedBody {
  const refuse = (why: string): StatusError => invalid({ group: '', kind: '' }, '', [invalidValue('patch', patch, why)]);
  if (kind === info.kind && patched.kind !== kind)
    throw refuse(`converting (${goName(patched.apiVersion, patched.kind)}) to (${internal(info)}): unknown conversion`);
  try {
    const { object, unknownFields } = decode(kind, patched, kind === info.kind ? typeOf(info) : undefined);
    const found = unknownFields.filter((field) => !field.startsWith('metadata.managedFields'));
    if (found.length > 0 && validation === 'Strict') throw refuse(strict(found.map(unknownText)));
    return { object, warnings: validation === 'Warn' ? found.map(unknownText) : [] };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw refuse(error.message);
  }
}

const internal = ({ group, kind }: ResourceInfo, as = kind): string => `${group === '' ? 'core' : group.split('.')[0]}.${as}`;
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');
const versionOf = (apiVersion: string): string => apiVersion.split('/').at(-1) ?? '';
const goName = (apiVersion: string, kind: string): string => `${versionOf(apiVersion)}.${kind}`;
