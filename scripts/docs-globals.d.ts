// What the blocks of Markdown pages take for granted: see check-doc-code.mjs.
import type { Shepherd as Client, DeployRequest, Platform } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import type { Sandbox } from '@shepherd/sandbox';

declare global {
  const shepherd: Client<KubeRelease>;
  const request: DeployRequest<KubeRelease>;
  const release: KubeRelease;
  const platform: Platform<KubeRelease>;
  const sandbox: Sandbox;
  const id: string;
  const manifest: object;
  const url: string;
}
