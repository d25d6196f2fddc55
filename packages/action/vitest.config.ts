import { packageTests } from '../../vitest.base.js';

// What GitHub publishes of its workflow language imports JSON as bundlers do, and has source maps without sources.
export default { ...packageTests('action', { server: { deps: { inline: [/@actions\//, /cronstrue/] } } }), logLevel: 'error' as const };
