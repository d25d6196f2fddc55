import { packageTests } from '../vitest.base.js';

// Minutes of virtual time are some seconds of work.
export default packageTests('examples', {
  testTimeout: 60_000,
  include: ['*.test.ts', 'config/*.test.ts', 'deploys/*.test.ts', 'guide/*.test.ts', 'plugins/*.test.ts'],
});
