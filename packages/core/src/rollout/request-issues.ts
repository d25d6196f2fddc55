import type { Issue } from '../errors/error-facts.js';
import type { Use } from '../extend/definition.js';
import type { Registry } from '../extend/registry.js';
import { durationIssue, shown, unknownKeys } from '../strategies/options.js';
import { parseAppRef } from '../words/app.js';
import { isSuspicion, suspicions } from '../words/suspicion.js';
import type { DeployRequest } from './request.js';

const keys = [
  'app',
  'release',
  'strategy',
  'gates',
  'checks',
  'hooks',
  'timeout',
  'onFailure',
  'drain',
  'unwatched',
  'reason',
  'metadata',
  'overrideIncident',
  'parsed',
];
const hookPoints = ['beforeApply', 'beforeTraffic', 'beforePromote', 'afterPromote'];

/** What is wrong with a request, as far as it shows without a platform. */
export function requestIssues(request: DeployRequest): readonly Issue[] {
  const { app, strategy, timeout, drain, unwatched, onFailure, hooks, overrideIncident } = request;
  return [
    ...unknownKeys('request', request, keys),
    ...appIssues(app),
    ...(strategy !== undefined && (typeof strategy !== 'object' || strategy === null || typeof strategy.plan !== 'function')
      ? [{ path: 'strategy', got: shown(strategy), expected: 'a strategy such as new Canary({ … }); JSON goes through shepherd.parseRequest' }]
      : []),
    ...durationIssue('timeout', timeout, 1_000),
    ...durationIssue('drain', drain),
    ...durationIssue('unwatched', unwatched, 1_000),
    ...(onFailure === undefined || ['rollback', 'pause'].includes(onFailure)
      ? []
      : [{ path: 'onFailure', got: shown(onFailure), expected: 'rollback or pause' }]),
    ...(hooks === undefined ? [] : unknownKeys('hooks', hooks, hookPoints)),
    ...(overrideIncident === undefined || (typeof overrideIncident === 'string' && overrideIncident.trim() !== '')
      ? []
      : [{ path: 'overrideIncident', got: shown(overrideIncident), expected: 'why it is released all the same' }]),
    ...usesOf(request).flatMap(({ extension, use, incident }) =>
      incident === undefined || (extension === 'check' && isSuspicion(incident))
        ? []
        : [
            {
              path: `${extension} ${use}.incident`,
              got: shown(incident),
              expected: extension === 'check' ? suspicions.join(' or ') : 'nothing: checks alone have it',
            },
          ],
    ),
  ];
}

function appIssues(app: DeployRequest['app']): readonly Issue[] {
  if (Array.isArray(app) && app.length !== 1) return [{ path: 'app', got: `${app.length} apps`, expected: 'one app: groups are not built yet' }];
  const [ref] = Array.isArray(app) ? app : [app];
  const parts = typeof ref === 'string' || (typeof ref === 'object' && ref !== null) ? parseAppRef(ref) : undefined;
  return parts === undefined ? [{ path: 'app', got: shown(app), expected: 'web, shop/web or eu/shop/web' }] : [];
}

const usesOf = ({ gates, checks, hooks }: DeployRequest): readonly Use<'step' | 'check' | 'gate'>[] => [
  ...(gates ?? []),
  ...(checks ?? []),
  ...Object.values(hooks ?? {}).flatMap((each) => each ?? []),
];

/** All extensions that a request names must be known here, not found missing at a takeover. @throws ShepherdError ERR_NOT_REGISTERED */
export function checkUses(request: DeployRequest, registry: Registry): void {
  for (const use of usesOf(request)) registry.code(use);
}

/** What they are given must fit before anything is written, not once they run. @throws ShepherdError ERR_INVALID_OPTIONS */
export async function checkInputs(request: DeployRequest, registry: Registry): Promise<void> {
  for (const use of usesOf(request)) await registry.input(use);
}
