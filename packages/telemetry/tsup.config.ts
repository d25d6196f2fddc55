import { packageBuild } from '../../tsup.base.js';
import pkg from './package.json' with { type: 'json' };

export default packageBuild(pkg.version, { entry: ['src/index.ts'] });
