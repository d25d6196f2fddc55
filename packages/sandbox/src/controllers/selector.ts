import type { KubeObject } from '../api/objects.js';

/** The part of a LabelSelector that workloads use. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** Whether labels satisfy a selector. An empty selector matches all, a missing one nothing. */
export function matches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined) return false;
  if (Object.entries(selector.matchLabels ?? {}).some(([key, value]) => labels[key] !== value)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

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

/** RFC 3339 with whole seconds, as the API server writes it. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
