/** Where an image is asked for: `registry-1.docker.io`, `library/nginx`, `1.27` or `sha256:…`. */
export interface ImageReference {
  /** With its port, if the name has one. */
  readonly host: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
}

const hub = 'registry-1.docker.io';

/** The parts of an image's name as container runtimes read it; undefined: it is no name. Pure. */
export function imageReference(image: string): ImageReference | undefined {
  const [, named = '', tag, digest] = /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  const slash = named.indexOf('/');
  const first = slash === -1 ? '' : named.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const path = isHost ? named.slice(slash + 1) : named;
  if (!/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/.test(path)) return undefined;
  if (isHost && !/^[\w.-]+(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/i.test(first)) return undefined;
  const isHub = !isHost || first === 'docker.io' || first === 'index.docker.io';
  return {
    host: isHub ? hub : first,
    repository: isHub && !path.includes('/') ? `library/${path}` : path,
    reference: digest ?? tag ?? 'latest',
  };
}
