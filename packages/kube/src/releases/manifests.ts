import { invalidOptions } from '@shepherd/core';
import type { Deployment } from '../objects.js';

/** The Deployment of this name in manifests; anything else in them is refused, not skipped. @throws ShepherdError ERR_INVALID_OPTIONS */
export async function deploymentOf(manifests: string | readonly object[], name: string): Promise<Deployment> {
  const objects = typeof manifests === 'string' ? await parse(manifests) : manifests;
  const kinds = objects.map((each) => `${(each as { kind?: string }).kind ?? 'something'} ${(each as Deployment).metadata?.name ?? ''}`.trim());
  const found = objects.find((each) => (each as { kind?: string }).kind === 'Deployment' && (each as Deployment).metadata?.name === name) as
    | Deployment
    | undefined;
  if (found === undefined || objects.length !== 1) {
    throw invalidOptions(
      [{ path: 'release.manifests', got: kinds.join(', ') || 'nothing', expected: `the Deployment ${name} and nothing else` }],
      'apply the other objects before the release',
    );
  }
  return found;
}

async function parse(text: string): Promise<readonly object[]> {
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text);
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error !== undefined) throw invalidOptions([{ path: 'release.manifests', got: error.message, expected: 'YAML' }]);
  return documents.map((each) => each.toJS() as object).filter((each) => each !== null);
}
