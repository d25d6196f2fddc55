import type { KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';

export interface Page<T> {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

const pageSize = 500;
const pagedTries = 2;

/**
 * All pages of a list (KC LW-2). A continue token that expired restarts the whole list, since half of two snapshots is no snapshot; after two expired
 * ones everything is read as one page. `resourceVersion` is that of the snapshot.
 */
export async function listAll<T extends KubeObject>(read: (query: Readonly<Record<string, string>>) => Promise<Page<T>>): Promise<Listed<T>> {
  for (let tries = 0; tries < pagedTries; tries++) {
    try {
      return await listPages(read, { limit: String(pageSize) });
    } catch (error) {
      if (!KubeError.is(error, 410)) throw error;
    }
  }
  return listPages(read, {});
}

async function listPages<T extends KubeObject>(
  read: (query: Readonly<Record<string, string>>) => Promise<Page<T>>,
  query: Readonly<Record<string, string>>,
): Promise<Listed<T>> {
  const items: T[] = [];
  let token: string | undefined;
  let resourceVersion: string | undefined;
  do {
    const page = await read(token === undefined ? query : { ...query, continue: token });
    for (const item of page.items ?? []) items.push(withKind(item, page));
    resourceVersion ??= page.metadata?.resourceVersion;
    token = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
  } while (token !== undefined);
  return { items, resourceVersion: resourceVersion ?? '' };
}

/** Items of typed lists come without their kind; watch events have it. */
function withKind<T extends KubeObject>(item: T, { kind, apiVersion }: Page<T>): T {
  if (item.kind !== undefined || kind === undefined || !kind.endsWith('List')) return item;
  return { apiVersion, kind: kind.slice(0, -'List'.length), ...item };
}
