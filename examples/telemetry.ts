// A release that OpenTelemetry traces, that a bus gets as CDEvents and Grafana as an annotation; here both are on loopback. `npm run example telemetry`
import { Canary, type Outcome, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { cdevents } from '@shepherd/notifier/cdevents';
import { grafana } from '@shepherd/notifier/grafana';
import { startCdEvents, startGrafana } from '@shepherd/notifier/testing';
import { createSandbox } from '@shepherd/sandbox';
import { openTelemetry } from '@shepherd/telemetry';

const image = (version: string): string => `registry/web:${version}@sha256:${version.replaceAll('.', '').padEnd(64, '0')}`;

export async function example(print = console.log): Promise<Outcome> {
  await using bus = await startCdEvents();
  await using dashboards = await startGrafana();
  await using sandbox = await createSandbox();
  for (const version of ['1.2.0', '1.3.0']) sandbox.image(image(version));
  await sandbox.install({ name: 'web', namespace: 'shop', image: image('1.2.0'), replicas: 6 });
  const telemetry = openTelemetry();
  const shepherd = new Shepherd({
    platform: kubernetes(sandbox.connection),
    observers: [telemetry],
    // The same channels; each attempt is counted and a span.
    notifiers: telemetry.notifiers([
      cdevents({ url: () => bus.url, allowPrivate: true, wants: { types: ['deploy.started', 'deploy.succeeded', 'rollback.*'] } }),
      grafana({ url: dashboards.url, token: () => 'glsa_example', allowPrivate: true }),
    ]),
  });
  const outcome = await shepherd.deploy({
    app: 'shop/web',
    release: { image: image('1.3.0') },
    strategy: new Canary({ stages: [50, 100], interval: '1m', analysis: false }),
    metadata: { environment: 'production', commit: 'c0ffee', branch: 'main' },
  }).outcome;
  const { undelivered } = await shepherd.close();
  for (const { type } of bus.messages) print(type);
  for (const { tags } of dashboards.messages) print(tags.join(' '));
  for (const { notifier, why } of undelivered) print(`${notifier}: ${why}`);
  return outcome;
}
