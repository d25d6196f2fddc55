import { BlueGreen, Canary, type Duration, type Outcome, RollingUpdate, type Strategy } from '@shepherd/core';
import type { Behaviour } from '@shepherd/sandbox';

/** One release of the demo, and how it must end. */
export interface Scenario {
  readonly release: string;
  readonly version: string;
  readonly behaviour: Behaviour;
  readonly expected: Outcome['kind'];
  /** Of the whole rollout. @default '30s' */
  readonly timeout?: Duration | undefined;
}

/** An app that sees its releases one after the other. */
export interface Lane {
  readonly strategy: 'rolling' | 'blue-green' | 'canary';
  readonly make: () => Strategy;
  readonly scenarios: readonly Scenario[];
}

export const replicas = 4;
export const firstVersion = '1.0.0';

const startup = '300ms';
export const behaviour: Behaviour = { startup };
const good: Scenario = { release: 'good', version: '1.1.0', behaviour, expected: 'succeeded' };
const bad = { version: '1.2.0', expected: 'rolled-back' } as const;

/** Each strategy with a good release, then one that is bad in a way of its own. */
export const lanes: readonly Lane[] = [
  {
    strategy: 'rolling',
    make: () => new RollingUpdate(),
    scenarios: [good, { ...bad, release: 'crashes', behaviour: { startup, crash: { exitCode: 1, log: 'fatal: cannot read /etc/web/config.yaml' } } }],
  },
  {
    strategy: 'blue-green',
    make: () => new BlueGreen({ soak: '2s', analysis: false }),
    scenarios: [
      good,
      // It runs and answers, but never says that it is ready; only time can tell.
      { ...bad, release: 'never ready', timeout: '6s', behaviour: { startup, handle: ({ path }) => (path === '/metrics' ? { status: 503 } : undefined) } },
    ],
  },
  {
    strategy: 'canary',
    make: () => new Canary({ stages: [25, 50, 100], interval: '1s', analysis: false }),
    // Ready (its probe asks /metrics), while its health answer says that the database is gone.
    scenarios: [good, { ...bad, release: 'unhealthy', behaviour: { startup, database: 'down' } }],
  },
];
