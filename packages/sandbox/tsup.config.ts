import { packageBuild } from '../../tsup.base.js';
import pkg from './package.json' with { type: 'json' };

export default packageBuild(pkg.version, {
  // All in one folder: the load finds its child process beside itself, in a shared chunk too.
  entry: { index: 'src/index.ts', load: 'src/load/index.ts', 'load-child': 'src/load/load-child.ts' },
});
