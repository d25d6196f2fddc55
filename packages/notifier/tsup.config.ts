import { packageBuild } from '../../tsup.base.js';
import pkg from './package.json' with { type: 'json' };

export default packageBuild(pkg.version, {
  entry: [
    'src/slack/index.ts',
    'src/webhook/index.ts',
    'src/pagerduty/index.ts',
    'src/teams/index.ts',
    'src/discord/index.ts',
    'src/cdevents/index.ts',
    'src/grafana/index.ts',
    'src/testing/index.ts',
  ],
});
