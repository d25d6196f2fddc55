import { packageTests } from '../../vitest.base.js';

/** Programs of their own, on a sandbox whose time runs faster than theirs: two files at a time, and nothing else beside them. */
export default packageTests('guide', { root: import.meta.dirname, maxWorkers: 2, reporters: ['verbose'] });
