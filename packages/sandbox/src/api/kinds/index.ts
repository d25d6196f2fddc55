import type { KindRules } from './kind-rules.js';

const none: KindRules = {};

const byResource: Readonly<Record<string, KindRules>> = {};

/** The rules of a resource (`deployments.apps`); none for kinds that the server stores as they come. */
export const rulesOf = (resource: string): KindRules => byResource[resource] ?? none;
