import { createHash } from 'node:crypto';
import type { App } from '@shepherd/core';

const longest = 255;

/** One alert an app, whichever rollout opened it: the next good one closes it. Its tail is a hash where it is too long (EC 2.2). */
export function dedupKey({ cluster, namespace, name }: App): string {
  const key = `shepherd/${cluster}/${namespace}/${name}`;
  if (key.length <= longest) return key;
  const hash = createHash('sha256').update(key).digest('hex');
  return `${key.slice(0, longest - hash.length - 1)}-${hash}`;
}
