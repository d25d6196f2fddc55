export { helm } from './helm.js';
export type { ChartRelease, HelmOptions } from './options.js';
export { refreshRepos } from './repos.js';
