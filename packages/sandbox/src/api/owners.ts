import type { KubeObject } from './objects.js';

/** The owner that manages this object, if any. */
export const controllerOf = (object: KubeObject) => object.metadata.ownerReferences?.find((owner) => owner.controller === true);

/** An owner reference that makes `owner` the managing controller. */
export const controllerRef = (owner: KubeObject) => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});
