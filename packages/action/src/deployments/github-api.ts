/** Where a repository's deployments are, and by whose right. */
export interface GithubAccess {
  /** `https://api.github.com`, or that of a GitHub Enterprise Server. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

/** A deployment as GitHub gives it, as far as it is read. */
export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly payload?: unknown;
}

const requestMs = 5_000;

/** One request below `/repos/OWNER/NAME`, without a second try. @throws Error with what GitHub said, never the token */
export async function askGithub<T>({ api, repository, token }: GithubAccess, path: string, signal: AbortSignal, body?: object): Promise<T> {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'shepherd',
    'x-github-api-version': '2022-11-28',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
  const init = { method, headers, signal: limit, redirect: 'error', ...(body === undefined ? {} : { body: JSON.stringify(body) }) } as const;
  const response = await fetch(`${api}/repos/${repository}${path}`, init);
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new Error(`${method} ${path}: ${response.status} ${saidBy(text)}`);
}

function saidBy(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message ?? '')
      .replaceAll(/\s+/g, ' ')
      .slice(0, 200);
  } catch {
    return '';
  }
}
