export { helm } from './helm.js';
export type { ChartRelease, HelmOptions } from './options.js';
