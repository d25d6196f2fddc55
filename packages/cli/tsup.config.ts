import { packageBuild } from '../../tsup.base.js';
import pkg from './package.json' with { type: 'json' };
import bundle from './tsup.bundle.config.js';

export default [packageBuild(pkg.version, { entry: ['src/index.ts', 'src/bin.ts'] }), bundle];
