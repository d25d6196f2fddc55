import { isRecord, type Json } from './json.js';

/** One place where two values differ. */
export interface Difference {
  readonly at: string;
  readonly sandbox: Json;
  readonly cluster: Json;
}

/** Where two values differ, deepest places first met. A field that is absent is `undefined`. */
export function differences(sandbox: Json, cluster: Json, at = ''): Difference[] {
  if (Object.is(sandbox, cluster)) return [];
  if (Array.isArray(sandbox) && Array.isArray(cluster) && sandbox.length === cluster.length) {
    return sandbox.flatMap((item, index) => differences(item, cluster[index], `${at}[${index}]`));
  }
  if (isRecord(sandbox) && isRecord(cluster)) {
    const fields = [...new Set([...Object.keys(sandbox), ...Object.keys(cluster)])];
    return fields.flatMap((field) => differences(sandbox[field], cluster[field], at === '' ? field : `${at}.${field}`));
  }
  return [{ at, sandbox, cluster }];
}
