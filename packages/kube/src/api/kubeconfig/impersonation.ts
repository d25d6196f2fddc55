import type { UserConfig } from './kubeconfig-file.js';

/** The headers of `as`, `as-uid`, `as-groups` and `as-user-extra` (KC KU-6). */
export function impersonationHeaders(user: UserConfig): Readonly<Record<string, string | readonly string[]>> {
  const headers: Record<string, string | readonly string[]> = {};
  if (user.as) headers['impersonate-user'] = user.as;
  if (user['as-uid']) headers['impersonate-uid'] = user['as-uid'];
  const groups = user['as-groups'] ?? [];
  if (groups.length > 0) headers['impersonate-group'] = groups;
  for (const [key, values] of Object.entries(user['as-user-extra'] ?? {})) headers[`impersonate-extra-${escapeKey(key)}`] = values;
  return headers;
}

/** What a header name cannot hold is percent-encoded, as the API server expects; it reads the name in lower case. */
const escapeKey = (key: string): string => encodeURIComponent(key.toLowerCase()).replace(/[()]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
