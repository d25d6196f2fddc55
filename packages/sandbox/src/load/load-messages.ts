import type { LoadOptions, LoadReport } from './load-options.js';

/** Parent to child. */
export type LoadOrder = { readonly kind: 'start'; readonly loads: readonly LoadOptions[] } | { readonly kind: 'stop' };

/** Child to parent. */
export type LoadNews =
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly requests: number; readonly failed: number }
  | { readonly kind: 'stopped'; readonly reports: readonly LoadReport[] }
  | { readonly kind: 'failed'; readonly message: string };
