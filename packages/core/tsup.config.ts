import { packageBuild } from '../../tsup.base.js';
import pkg from './package.json' with { type: 'json' };

export default packageBuild(pkg.version, {
  entry: [
    'src/index.ts',
    'src/steps/index.ts',
    'src/checks/index.ts',
    'src/gates/index.ts',
    'src/analysis/index.ts',
    'src/backtest/index.ts',
    'src/diagnosis/index.ts',
    'src/verification/index.ts',
    'src/remedies/index.ts',
    'src/incidents/index.ts',
    'src/file-journal/index.ts',
    'src/testing/index.ts',
  ],
});
