import { expect, test } from 'vitest';
import { imageReference } from './image-reference.js';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['nginx', 'registry-1.docker.io', 'library/nginx', 'latest'],
  ['nginx:1.27', 'registry-1.docker.io', 'library/nginx', '1.27'],
  ['shop/web:1.3.0', 'registry-1.docker.io', 'shop/web', '1.3.0'],
  ['docker.io/shop/web', 'registry-1.docker.io', 'shop/web', 'latest'],
  ['index.docker.io/nginx', 'registry-1.docker.io', 'library/nginx', 'latest'],
  ['ghcr.io/acme/shop/web:v1', 'ghcr.io', 'acme/shop/web', 'v1'],
  ['registry.internal:5000/web', 'registry.internal:5000', 'web', 'latest'],
  ['localhost/web:1', 'localhost', 'web', '1'],
  [`ghcr.io/acme/web:1@${digest}`, 'ghcr.io', 'acme/web', digest],
  [`web@${digest}`, 'registry-1.docker.io', 'library/web', digest],
  ['10.0.0.7:5000/a/b_c-d:x', '10.0.0.7:5000', 'a/b_c-d', 'x'],
  ['[fd00::1]:5000/web:1', '[fd00::1]:5000', 'web', '1'],
])('%s', (image, host, repository, reference) => {
  expect(imageReference(image)).toEqual({ host, repository, reference });
});

test.each(['', 'Web:1', 'a b', 'reg.io/', 'reg.io/../etc', 'user:pass@reg.io/web', 'reg.io/web?x=1', 'reg.io/web#x', 'reg.io:99999999/web', 'web@sha256:12'])(
  '%j is no image',
  (image) => {
    expect(imageReference(image)).toBeUndefined();
  },
);
