import type { KubeObject, NewObject, Objects } from '../api/objects.js';
import { controllerRef } from '../api/owners.js';
import type { EventRecorder } from './events.js';

/** A pod from the template of its owner, and an event that says so. @returns what the API server says where it refuses */
export function createPod(objects: Objects, events: EventRecorder, owner: KubeObject, more: Partial<NewObject['metadata']> = {}): string | undefined {
  const { metadata, spec } = owner.spec.template;
  const { namespace } = owner.metadata;
  try {
    const pod = objects.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...structuredClone(metadata),
        generateName: `${owner.metadata.name}-`,
        ...(namespace === undefined ? {} : { namespace }),
        ownerReferences: [controllerRef(owner)],
        ...more,
      },
      spec: structuredClone(spec),
    });
    events.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'number') throw error;
    events.record(owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` });
    return message;
  }
}
