import type { CauseCode } from '../diagnosis/cause.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Cause } from '../rollout/outcome.js';

const unschedulable = /\bUnschedulable\b|\bFailedScheduling\b|nodes are available|\bInsufficient (?:cpu|memory|ephemeral-storage|pods)\b/i;
const quota = /exceeded quota/i;
const pull = /\b(?:ErrImagePull|ImagePullBackOff|RegistryUnavailable)\b/;
/** The whole repository is refused; some registries say so of one that does not exist, too. */
const denied = /access denied|authorization failed|unauthorized|\b40[13]\b/i;
/** The image is not there: the next revision has another one. */
const noImage = /not found|does not exist|manifest unknown|invalid reference|InvalidImageName/i;

/** Codes that say something of the cluster or of other people, whatever version is meant. */
const codes: Readonly<Partial<Record<string, string>>> = {
  ERR_FORBIDDEN: 'platform',
  ERR_UNREACHABLE: 'platform',
  ERR_CONFLICT: 'conflict',
  ERR_JOURNAL: 'platform',
};

/** What the cluster itself says is wrong. What a log merely hints at may be the version's own doing. */
const causes: Readonly<Partial<Record<CauseCode, string>>> = {
  'node-not-ready': 'platform',
  'webhook-unreachable': 'platform',
  'quota-exceeded': 'quota',
  'image-denied': 'registry',
  'registry-rate-limit': 'registry',
  'registry-unreachable': 'registry',
  'pull-failed': 'registry',
  'unschedulable-resources': 'unschedulable',
  'unschedulable-taint': 'unschedulable',
  'unschedulable-affinity': 'unschedulable',
  'unschedulable-volume': 'unschedulable',
  'unschedulable-cordon': 'unschedulable',
  unschedulable: 'unschedulable',
};

/**
 * What an older version would not mend, because it is not the version's doing (RR RB-6): `unschedulable`, `quota`, `registry`, `dependency`, `platform`,
 * `conflict`. Undefined: the next revision may do. Pure.
 */
export function environmentOf(cause: Cause): string | undefined {
  const known = 'found' in cause && cause.found !== undefined ? causes[cause.found.code] : undefined;
  if (known !== undefined) return known;
  if (cause.kind === 'verdict') {
    const { verdict } = cause;
    const { dependency } = (('evidence' in verdict ? verdict.evidence?.data : undefined) ?? {}) as { readonly dependency?: unknown };
    return typeof dependency === 'string' ? 'dependency' : byText(formatCause(cause));
  }
  if (cause.kind !== 'step') return undefined;
  const { error } = cause;
  return codes[error.code] ?? byText(`${error.message}\n${error.code === 'ERR_TIMEOUT' ? error.facts.last : ''}`);
}

function byText(text: string): string | undefined {
  if (unschedulable.test(text)) return 'unschedulable';
  if (quota.test(text)) return 'quota';
  return pull.test(text) && (denied.test(text) || !noImage.test(text)) ? 'registry' : undefined;
}
