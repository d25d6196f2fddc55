import type { NoticeVersion } from '@shepherd/core';

const reference = /^(?<repository>.+?)(?::(?<tag>[\w][\w.-]{0,127}))?@(?<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * A version as a package URL of type `oci`: `pkg:oci/web@sha256%3A…?repository_url=registry%2Fshop%2Fweb`. Of several containers the first one's image is the app's. Undefined
 * where that image is not named by its digest: a tag says nothing for good. Pure.
 */
export function artifactOf(version: NoticeVersion | undefined): string | undefined {
  const { repository, digest, tag } = reference.exec(version?.images[0] ?? '')?.groups ?? {};
  if (repository === undefined || digest === undefined) return undefined;
  const name = (repository.split('/').at(-1) ?? '').toLowerCase();
  const more = new URLSearchParams({ repository_url: repository, ...(tag === undefined ? {} : { tag }) });
  return `pkg:oci/${encodeURIComponent(name)}@${encodeURIComponent(digest)}?${more}`;
}
