import type { Strain } from './strain.js';

/** Parent to child. */
export type SandboxOrder = { readonly kind: 'open'; readonly manifest: string } | { readonly kind: 'strain' };

/** Child to parent. */
export type SandboxNews =
  | { readonly kind: 'open'; readonly api: string; readonly url: string }
  | { readonly kind: 'strain'; readonly strain: Strain }
  | { readonly kind: 'failed'; readonly message: string };
