/** A call of the API by a runner, as the proof counts them. */
export interface ApiCall {
  readonly kind: 'write' | 'read';
  /** The same in each run: without the random parts of the names of pods. */
  readonly text: string;
}

/** A request on its way to the API. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query, or the whole URL. */
  readonly url: string;
  /** Asked for only where it matters. */
  readonly body: () => Promise<unknown>;
}

interface LeaseBody {
  readonly spec?: { readonly holderIdentity?: string; readonly acquireTime?: string; readonly renewTime?: string } | undefined;
}

const podName = /\/pods\/[a-z0-9-]+?((?::\d+)?\/|$)/;
const setName = /\/replicasets\/[a-z0-9-]+$/;

export const isWatch = (url: string): boolean => url.includes('watch=true');

/**
 * Which call this is; undefined for those that no decision rests on and no progress comes from: renewals of the lock, looks into the mailbox (both by timers, at
 * any moment), Events, which nothing waits for, and the opening of watch streams (the list before it is the read that is decided on).
 */
export async function callOf({ method, url, body }: ApiRequest): Promise<ApiCall | undefined> {
  const { pathname, searchParams } = new URL(url, 'http://api');
  if (isWatch(url)) return undefined;
  if (pathname.startsWith('/apis/events.k8s.io/')) return undefined;
  if (method === 'GET' && pathname.endsWith('-mailbox')) return undefined;
  if (method === 'PUT' && pathname.includes('/leases/') && isRenewal((await body()) as LeaseBody)) return undefined;
  const selector = searchParams.get('labelSelector');
  const dry = searchParams.has('dryRun');
  const reads = method === 'GET' || dry || pathname.includes('selfsubjectaccessreviews');
  const path = pathname.replace(podName, '/pods/*$1').replace(setName, '/replicasets/*');
  return { kind: reads ? 'read' : 'write', text: `${method} ${path}${selector === null ? '' : ` [${selector}]`}${dry ? ' (dry run)' : ''}` };
}

const isRenewal = ({ spec }: LeaseBody): boolean => (spec?.holderIdentity ?? '') !== '' && spec?.renewTime !== spec?.acquireTime;
