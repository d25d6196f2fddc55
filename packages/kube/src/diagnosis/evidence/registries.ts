import type { EvidenceOf } from '@shepherd/core';
import type { Reads } from '../reads.js';

const most = 5;

/** What the registries themselves say of the app's images to somebody without a login, asked from this machine. */
export async function registryEvidence(
  reads: Reads,
  containers: readonly EvidenceOf<'container'>[],
  { allowPrivate = false }: { readonly allowPrivate?: boolean | undefined },
): Promise<readonly EvidenceOf<'registry'>[]> {
  const ask = reads.cluster.askRegistry;
  if (ask === undefined) return [];
  const current = containers.filter(({ data }) => data.current).toSorted((a, b) => Number(a.data.ready) - Number(b.data.ready));
  const images = [...new Set((current.length > 0 ? current : containers).map(({ data }) => data.image))].slice(0, most);
  const all = await Promise.all(
    images.map(async (image): Promise<readonly EvidenceOf<'registry'>[]> => {
      const answer = await reads.attempt(`registry of ${image}`, 'an answer', undefined, (signal) => ask(image, { allowPrivate, signal }));
      if (answer === undefined) return [];
      const { host, says, status, said, url } = answer;
      return [
        {
          source: 'registry',
          object: `Image ${image}`,
          check: `curl -sI '${url}'`,
          data: { image, host, says, status, ...(said === undefined ? {} : { said }) },
        },
      ];
    }),
  );
  return all.flat();
}
