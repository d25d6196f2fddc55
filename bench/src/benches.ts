import type { Bench } from './bench.js';

export interface BenchEntry {
  /** `needed`: it does not run without a real cluster. `used`: it measures more where one is given. */
  readonly cluster: 'needed' | 'used' | 'none';
  /** For the usage line. */
  readonly only: string;
  /** Packages that it measures and most others do not, by folder. */
  readonly builds?: readonly string[];
  /** Imported only when it runs, because packages are built before. */
  readonly load: () => Promise<{ readonly bench: Bench }>;
}

/** What `npm run bench -- NAME` knows. Imports no package of ours, so that a wrong name is answered before anything is built. */
export const benches: Readonly<Record<string, BenchEntry>> = {
  crash: { cluster: 'used', only: 'virtual, children or cluster; STRATEGY[/RELEASE[/POINT]] or children/STRATEGY…', load: () => import('./crash/bench.js') },
  sandbox: { cluster: 'none', only: 'start, rates, pods or canary', load: () => import('./sandbox/bench.js') },
  traffic: { cluster: 'needed', only: 'STRATEGY/RELEASE', load: () => import('./traffic/bench.js') },
  helm: { cluster: 'needed', only: 'helm or helm4', load: () => import('./helm/bench.js') },
  rollback: { cluster: 'needed', only: 'up/STRATEGY, gone/STRATEGY, gone/helm or gone/helm4', load: () => import('./rollback/bench.js') },
  diagnose: { cluster: 'needed', only: 'FAULT', load: () => import('./diagnose/bench.js') },
  judge: { cluster: 'none', only: 'errors, latency or speed', load: () => import('./judge/bench.js') },
  notify: { cluster: 'none', only: '(none)', load: () => import('./notify/bench.js') },
  start: { cluster: 'none', only: '(none)', builds: ['cli'], load: () => import('./start/bench.js') },
  fidelity: { cluster: 'needed', only: 'SCENARIO', load: () => import('./fidelity/bench.js') },
};
