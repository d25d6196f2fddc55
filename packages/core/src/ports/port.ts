import type { Finding } from '../words/finding.js';
import type { PortContext } from './context.js';

/** What every adapter has. */
export interface Port extends Partial<AsyncDisposable> {
  readonly specificationVersion: 'v1';
  /** Stable name of the implementation, e.g. `kubernetes`; shown in events and errors. */
  readonly name: string;
  /** Finds what would fail later (401, wrong address) before the first write. Writes nothing. */
  preflight?(context: PortContext): Promise<readonly Finding[]>;
}
