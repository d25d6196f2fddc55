import type { Use } from '../extend/definition.js';
import { assertNever } from '../internal/assert-never.js';
import { formatMs, toMs } from '../words/duration.js';
import type { Step } from './step.js';

interface Pods {
  readonly stable: number;
  readonly candidate: number;
  readonly weight: number;
  readonly promoted: boolean;
}

const nameOf = ({ use, input }: Use<'check'>): string =>
  use === 'shepherd/http' ? ((input as { path?: string }).path ?? use) : use.replace(/^shepherd\//, '');

const names = (checks: readonly Use<'check'>[]): string =>
  checks.map((check) => `${nameOf(check)}${check.incident === undefined ? '' : ` (${check.incident}: a person decides)`}`).join(', ');

const pods = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);

/** A step as one line for people. */
export function stepText(step: Step, { before, after }: { readonly before: Pods; readonly after: Pods }): string {
  switch (step.kind) {
    case 'apply':
      return `${step.autoscaler === undefined ? '' : `hold the autoscaler at ${pods(before.stable)} or more, `}make the candidate${after.candidate === 0 ? '' : ` with ${pods(after.candidate)}`}${step.isolated ? ', without traffic' : ''}`;
    case 'scale':
      return `scale ${step.track} to ${pods(after[step.track])}`;
    case 'resize':
      return `scale ${before.stable === step.replicas ? '' : before.stable < step.replicas ? 'up ' : 'down '}from ${before.stable} to ${pods(step.replicas)}`;
    case 'evict':
      return `evict pod ${step.pod}`;
    case 'ready':
      return `wait until ${step.track} is ready`;
    case 'smoke':
      return step.checks.length === 0 ? 'smoke test: none' : `smoke test: ${names(step.checks)}`;
    case 'verify':
      return step.checks.length === 0 ? `verify ${step.track}` : `verify ${step.track}: ${names(step.checks)}`;
    case 'shift':
      if (before.promoted) return 'give the traffic back to stable, which runs the new version now';
      if (step.weight === 0) return 'give all traffic to stable';
      return `${after.weight >= before.weight ? 'raise' : 'lower'} traffic to ${after.weight} %${after.weight === step.weight ? '' : ` (asked for ${step.weight} %)`}`;
    case 'analyse':
      return `watch for ${formatMs(toMs(step.for))}`;
    case 'promote':
      return `write the new version to stable, ${pods(after.stable)}`;
    case 'roll':
      return 'replace the pods one after the other';
    case 'restore':
      return `write revision ${step.hash} back and replace the pods`;
    case 'retire':
      return `drain, then take ${step.track} away${step.autoscaler === undefined ? '' : ', and give the autoscaler its floor back'}`;
    case 'custom':
      return `${step.direction === 'undo' ? 'undo ' : ''}${step.step.use}`;
    case 'approve':
      return `wait for approval (${formatMs(toMs(step.options.timeout))}, then ${step.options.onTimeout})`;
    case 'wait':
      return `wait ${formatMs(toMs(step.for))}`;
    default:
      return assertNever(step);
  }
}
