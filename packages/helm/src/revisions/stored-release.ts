import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { PortContext } from '@shepherd/core';
import type { Ask } from '../binary/door.js';
import type { HelmRevision } from './history.js';
import type { ReleaseRecord } from './release-records.js';

/** A revision as helm stored it: what `helm history` and `helm get manifest` say of it. The manifest holds Secret data: never log it. */
export interface StoredRelease {
  readonly listed: HelmRevision;
  readonly manifest: string;
  /** `Job migrate (pre-rollback)`. */
  readonly hooks: readonly string[];
}

/** As JSON, as far as it is read here. The time is that of the last change, ISO 8601. */
interface Encoded {
  readonly version?: unknown;
  readonly manifest?: unknown;
  readonly info?: { readonly last_deployed?: unknown; readonly status?: unknown; readonly description?: unknown };
  readonly chart?: { readonly metadata?: { readonly name?: unknown; readonly version?: unknown } };
  readonly hooks?: readonly { readonly name?: string; readonly kind?: string; readonly events?: readonly string[] }[] | null;
}

interface Secret {
  readonly type?: string;
  readonly data?: { readonly release?: string };
}

const unzipped = promisify(gunzip);
const maxBytes = 64 * 1024 * 1024;
const typeOfRecords = 'helm.sh/release.v1';

/** What helm keeps under `release` of a Secret: base64 of gzip of JSON. Undefined: another format than the one that helm 3 and 4 write. */
export async function decodedRelease(text: string): Promise<StoredRelease | undefined> {
  try {
    const json = await unzipped(Buffer.from(text, 'base64'), { maxOutputLength: maxBytes });
    const { version, manifest = '', info, chart, hooks } = JSON.parse(json.toString('utf8')) as Encoded;
    const { name, version: chartVersion } = chart?.metadata ?? {};
    const { last_deployed: updated, status, description = '' } = info ?? {};
    if (typeof version !== 'number' || typeof manifest !== 'string' || typeof name !== 'string' || typeof chartVersion !== 'string') return undefined;
    if (typeof updated !== 'string' || Number.isNaN(Date.parse(updated)) || typeof status !== 'string' || typeof description !== 'string') return undefined;
    return {
      listed: { revision: version, updated, status, chart: `${name}-${chartVersion}`, description },
      manifest,
      hooks: (hooks ?? []).map(({ kind, name: hook, events = [] }) => `${kind} ${hook} (${events.join(', ')})`),
    };
  } catch {
    return undefined;
  }
}

/** Reads what a record holds. Undefined where we may not, where it is gone, or where helm alone knows the format: helm is asked then. */
export async function storedRelease(ask: Ask, context: PortContext, { name }: Pick<ReleaseRecord, 'name'>): Promise<StoredRelease | undefined> {
  const path = `/api/v1/namespaces/${context.app.namespace}/secrets/${name}`;
  const secret = await ask<Secret>({ path, what: `read helm's record ${name}`, except: [403, 404] });
  // The API has a base64 of its own around it.
  return secret?.type === typeOfRecords ? decodedRelease(Buffer.from(secret.data?.release ?? '', 'base64').toString('latin1')) : undefined;
}
