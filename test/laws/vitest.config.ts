import { packageTests } from '../../vitest.base.js';

export default packageTests('laws', { testTimeout: 120_000 * Number(process.env.SHEPHERD_PROPERTY_RUNS ?? 1) });
