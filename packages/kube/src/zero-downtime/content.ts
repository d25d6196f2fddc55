import { secretIssues } from '@shepherd/core';
import type { Container } from '../objects.js';
import { tagOf } from '../releases/release-patch.js';
import { aboutDeployment, containerPath, type Rule, type Subject } from './subject.js';

const all = ({ deployment }: Subject): readonly (readonly [container: Container, path: string])[] => [
  ...deployment.spec.template.spec.containers.map((each) => [each, containerPath(each)] as const),
  ...(deployment.spec.template.spec.initContainers ?? []).map((each) => [each, containerPath(each, 'initContainers')] as const),
];

/** What runs must be what was asked for, on every node and after every restart. */
export const imageTag: Rule = (subject) =>
  all(subject).flatMap(([{ name, image = '' }, path]) => {
    const tag = tagOf(image);
    const finding = aboutDeployment(subject);
    if (tag === undefined || tag === '' || tag === 'latest')
      return [
        finding(
          'image-tag',
          'error',
          `container ${name} runs ${image || 'no image'}, which can mean another version on each node and after each restart`,
          'name a version: registry/web:1.3.0',
          `${path}.image`,
        ),
      ];
    if (image.includes('@')) return [];
    return [
      finding(
        'image-tag',
        'warning',
        `container ${name} runs ${image} by its tag, which somebody may move`,
        'name the digest as well: registry/web:1.3.0@sha256:…',
        `${path}.image`,
      ),
    ];
  });

/** Everybody who may read the Deployment sees it. The value itself is never shown. */
export const secretLiteral: Rule = (subject) =>
  all(subject).flatMap(([{ name, env = [] }, path]) =>
    env.flatMap((variable) =>
      secretIssues('', variable.value ?? '').map(({ got }) =>
        aboutDeployment(subject)(
          'secret-literal',
          'error',
          `${variable.name} of container ${name} holds ${got}, for everybody who may read the Deployment`,
          'put it into a Secret and refer to it: valueFrom.secretKeyRef',
          `${path}.env[${variable.name}]`,
        ),
      ),
    ),
  );
