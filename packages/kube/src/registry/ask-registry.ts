import { type ImageReference, imageReference } from './image-reference.js';
import { NotAsked, type SafeAnswer, safeRequest, schemeOf } from './safe-request.js';

/** What a registry says of an image to somebody without a login. `unasked`: it was not asked, by rule. */
export type RegistrySays = 'there' | 'not-found' | 'denied' | 'rate-limit' | 'failing' | 'unreachable' | 'unasked' | 'other';

/** What a registry answered about an image, and where it was asked. */
export interface RegistryAnswer {
  readonly host: string;
  readonly says: RegistrySays;
  /** Of HTTP; 0: none came. */
  readonly status: number;
  /** For people. */
  readonly said?: string | undefined;
  /** Where it was asked: `https://registry.example.com/v2/shop/web/manifests/1.3.0`. */
  readonly url: string;
}

const kinds = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** How a registry is asked. */
export interface AskOptions {
  /** Registries of one's own network are asked, too. */
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** Undefined: what was given is no name of an image. */
export type RegistryAsk = (image: string, options: AskOptions) => Promise<RegistryAnswer | undefined>;

/** Asks the registry itself whether it has an image (distribution API, v2), without a login: with the token that anybody gets, where it wants one. */
export const askRegistry: RegistryAsk = async (image, options) => {
  const reference = imageReference(image);
  if (reference === undefined) return undefined;
  const { host } = reference;
  const url = manifestUrl(reference, options.allowPrivate);
  try {
    const first = await manifest(url, {}, options);
    const answer = first.status === 401 ? await again(url, first, options) : first;
    return { host, url: url.href, status: answer.status, ...read(answer) };
  } catch (error) {
    options.signal.throwIfAborted();
    const said = wordsOf(error);
    return { host, url: url.href, status: 0, says: error instanceof NotAsked ? 'unasked' : 'unreachable', said };
  }
};

const manifestUrl = ({ host, repository, reference }: ImageReference, allowPrivate: boolean): URL =>
  new URL(`${schemeOf(host, allowPrivate)}://${host}/v2/${repository}/manifests/${reference}`);

/** HEAD, since it costs no pull of those that a registry counts; GET where that is not known. */
async function manifest(url: URL, headers: Readonly<Record<string, string>>, options: AskOptions): Promise<SafeAnswer> {
  const asked = { url, headers: { accept: kinds, ...headers }, ...options };
  const answer = await safeRequest({ method: 'HEAD', ...asked });
  return answer.status === 405 || answer.status === 501 ? safeRequest({ method: 'GET', ...asked }) : answer;
}

/** With the token that the registry gives to anybody for this repository; where it gives none, its refusal stands. */
async function again(url: URL, refused: SafeAnswer, options: AskOptions): Promise<SafeAnswer> {
  const challenge = refused.headers['www-authenticate'] ?? '';
  const field = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm');
  if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return refused;
  const asking = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = field(name);
    if (value !== undefined) asking.searchParams.set(name, value);
  }
  const given = await safeRequest({ method: 'GET', url: asking, ...options });
  if (given.status === 429) return given;
  const token = given.status === 200 ? tokenIn(given.text) : undefined;
  return token === undefined ? refused : manifest(url, { authorization: `Bearer ${token}` }, options);
}

function tokenIn(text: string): string | undefined {
  try {
    const { token, access_token: other } = JSON.parse(text) as { readonly token?: unknown; readonly access_token?: unknown };
    const found = token ?? other;
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function read({ status, headers }: SafeAnswer): { readonly says: RegistrySays; readonly said?: string } {
  if (status === 200) return { says: 'there' };
  if (status === 404) return { says: 'not-found' };
  if (status === 401 || status === 403) return { says: 'denied' };
  if (status === 429) {
    const wait = headers['retry-after'];
    return {
      says: 'rate-limit',
      ...(wait !== undefined && /^[\w :,]{1,40}$/.test(wait) ? { said: `it says to wait ${wait}${/^\d+$/.test(wait) ? ' s' : ''}` } : {}),
    };
  }
  return { says: status >= 500 ? 'failing' : 'other' };
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  // Several addresses fail as one error, whose own message is empty.
  const inner = error instanceof AggregateError ? error.errors.find((each): each is Error => each instanceof Error) : undefined;
  return (error.message || inner?.message || code || error.name).slice(0, 200);
};
