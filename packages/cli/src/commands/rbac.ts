import type { Issue } from '@shepherd/core';
import type { RbacPurpose, RbacSubject } from '@shepherd/kube';
import { loadSettings } from '../config/load-config.js';
import { refuse } from '../flags/deploy-input.js';
import { nearest } from '../nearest.js';
import { table } from '../render/table.js';
import type { World } from '../world.js';

export interface RbacFlags {
  readonly for?: string | undefined;
  readonly list?: boolean | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subject?: string | undefined;
  readonly config?: string | undefined;
  readonly environment?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Prints the smallest Role for what is to be done. Asks no cluster. */
export async function rbac(flags: RbacFlags, { io }: World): Promise<number> {
  const { rbacPurposes, rbacPurposeText, rolesFor } = await import('@shepherd/kube');
  const settings = await loadSettings(flags, io);
  if (flags.list === true) {
    const all = rbacPurposes.map((purpose) => ({ purpose, what: rbacPurposeText(purpose) }));
    io.stdout.write(flags.json === true ? `${JSON.stringify(all)}\n` : `${table(all.map(({ purpose, what }) => [purpose, what])).join('\n')}\n`);
    return 0;
  }
  const issues: Issue[] = [];
  const purposes = (flags.for ?? 'rolling').split(',').map((text) => readPurpose(text.trim(), rbacPurposes, issues));
  const subject = flags.subject === undefined ? undefined : readSubject(flags.subject, issues);
  for (const [path, value] of [
    ['--namespace', flags.namespace],
    ['--name', flags.name],
  ] as const)
    if (value !== undefined && !dnsName.test(value)) issues.push({ path, got: JSON.stringify(value), expected: 'small letters, digits and -' });
  refuse(issues);
  const objects = rolesFor({
    purposes,
    namespace: flags.namespace ?? settings.namespace ?? 'default',
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(subject === undefined ? {} : { subject }),
  });
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(objects)}\n`);
    return 0;
  }
  const { stringify } = await import('yaml');
  const head = [...new Set(purposes)].map((purpose) => `# ${purpose}: ${rbacPurposeText(purpose)}\n`).join('');
  io.stdout.write(head + objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
  return 0;
}

const dnsName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function readPurpose(text: string, known: readonly RbacPurpose[], issues: Issue[]): RbacPurpose {
  const found = known.find((purpose) => purpose === text);
  if (found !== undefined) return found;
  const near = nearest(text, known);
  issues.push({ path: '--for', got: JSON.stringify(text), expected: near ?? `one of ${known.join(', ')}` });
  return 'rolling';
}

function readSubject(text: string, issues: Issue[]): RbacSubject | undefined {
  const [, kind, namespace, name] = /^(ServiceAccount|User|Group):(?:([^/\s]+)\/)?(\S+)$/.exec(text) ?? [];
  if (kind === 'ServiceAccount' && name !== undefined && dnsName.test(name)) return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  if ((kind === 'User' || kind === 'Group') && name !== undefined) return { kind, name: namespace === undefined ? name : `${namespace}/${name}` };
  issues.push({ path: '--subject', got: JSON.stringify(text), expected: 'ServiceAccount:name, ServiceAccount:namespace/name, User:name or Group:name' });
  return undefined;
}
