import type { Issue } from '@shepherd/core';

/** An address to send requests to: http or https, and no password in it. */
export function readUrl(text: string | undefined, issues: Issue[]): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '') return url.href;
  issues.push({
    path: '--url',
    got: url === undefined ? JSON.stringify(text) : `${url.protocol}//${url.host}`,
    expected: 'http:// or https://, without a password',
  });
  return undefined;
}
