import type { NoticeVersion } from '@shepherd/core';

const reference = /^(?<repository>[^@\s]+?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?$/;

/**
 * A version as a package URL of type `oci`: `pkg:oci/web@sha256%3A…?repository_url=registry%2Fshop%2Fweb`, and of an image that is named by its tag alone
 * `pkg:oci/web?repository_url=registry%2Fshop%2Fweb&tag=1.3.0`, which is valid (the version of that type is optional) and says as little for good as the tag
 * does. Of several containers the first one's image is the app's. Undefined where that is no image. Pure.
 */
export function artifactOf(version: NoticeVersion | undefined): string | undefined {
  const { repository, digest, tag } = reference.exec(version?.images[0] ?? '')?.groups ?? {};
  if (repository === undefined) return undefined;
  const name = (repository.split('/').at(-1) ?? '').toLowerCase();
  // What a registry is asked for where an image says neither.
  const asked = tag ?? (digest === undefined ? 'latest' : undefined);
  const more = new URLSearchParams({ repository_url: repository, ...(asked === undefined ? {} : { tag: asked }) });
  return `pkg:oci/${encodeURIComponent(name)}${digest === undefined ? '' : `@${encodeURIComponent(digest)}`}?${more}`;
}
