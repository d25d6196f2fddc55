import { packageTests } from '../../vitest.base.js';

const conditions = ['@shepherd/source', 'node', 'import', 'default'];

/** Without "module", under which `@opentelemetry/api` offers what only bundlers can load. */
export default { ...packageTests('telemetry'), resolve: { conditions }, ssr: { resolve: { conditions } } };
