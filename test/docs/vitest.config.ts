import { packageTests } from '../../vitest.base.js';

/** What the pages of docs show is what happens. */
export default packageTests('docs', { root: import.meta.dirname, testTimeout: 120_000 });
