import { type Issue, parseAppRef } from '@shepherd/core';
import type { Settings } from '../config/settings.js';
import type { AppFlags } from './flags.js';

/**
 * The app that is meant: first argument, `--app` or `--release`, else that of the config, with its namespace where one is said. All that are given must
 * agree.
 */
export function appName(argument: string | undefined, flags: AppFlags, settings: Settings, issues: Issue[]): string {
  const given = [...new Set([argument, flags.app, flags.release].filter((name) => name !== undefined))];
  if (given.length > 1) issues.push({ path: 'app', got: given.join(' and '), expected: 'one name: as first argument, with --app or with --release' });
  const name = given[0] ?? settings.app;
  if (name === undefined) {
    issues.push({ path: 'app', got: 'nothing', expected: 'the name of a Deployment: as first argument, with --app, or app in shepherd.config' });
    return '';
  }
  const parts = parseAppRef(name);
  if (parts === undefined) issues.push({ path: 'app', got: JSON.stringify(name), expected: 'web, shop/web or eu/shop/web' });
  else if (parts.namespace !== undefined && flags.namespace !== undefined && parts.namespace !== flags.namespace)
    issues.push({ path: '--namespace', got: flags.namespace, expected: `${parts.namespace}, as in ${name}` });
  const namespace = flags.namespace ?? settings.namespace;
  return namespace === undefined || name.includes('/') || isRolloutId(name) ? name : `${namespace}/${name}`;
}

/** A rollout id holds underscores, which no name in Kubernetes can. */
export const isRolloutId = (text: string): boolean => text.includes('_');
