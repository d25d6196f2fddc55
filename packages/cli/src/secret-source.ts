import type { SecretSource } from '@shepherd/core';
import type { SecretPlace } from './config/secret-place.js';
import type { Connection } from './connect.js';

/** A place of the config as a source: a Secret is read each time it is needed, so that one that rotates is never old. Its code is loaded when one is named. */
export const secretSource =
  ({ kubeconfig, context, namespace }: Pick<Connection, 'kubeconfig' | 'context' | 'namespace'>) =>
  (place: SecretPlace): SecretSource =>
    'secretRef' in place
      ? async () => {
          const { readSecretValue } = await import('@shepherd/kube');
          return readSecretValue({ kubeconfig, context, namespace: namespace?.split(',')[0], ...place.secretRef });
        }
      : place;
