/** What repairs an app without releasing anything: `import { remedy } from '@shepherd/core/remedies'`. */
export { planRemedy, remedy } from './remedy.js';
export type { RemedyRequest } from './request.js';
