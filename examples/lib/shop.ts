import { type DeployRequest, type Extension, formatEvent, formatOutcome, type Outcome, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { prometheus } from '@shepherd/prometheus';
import { type Behaviour, createSandbox } from '@shepherd/sandbox';

export interface Shop extends AsyncDisposable {
  /** Releases `shop/web` and prints what happens. */
  deploy(request: Omit<DeployRequest<KubeRelease>, 'app'>): Promise<Outcome>;
}

export interface ShopOptions {
  /** Requests a second that users send, counted by a Prometheus that judges. @default none of both */
  readonly rate?: number | undefined;
}

/** A cluster in this process with the app `shop/web` on six pods, and a release 1.3.0 that behaves as told. Time is virtual: minutes pass in milliseconds. */
export async function shop(
  next: Behaviour = {},
  extensions: readonly Extension[] = [],
  print: (line: string) => void = console.log,
  { rate }: ShopOptions = {},
): Promise<Shop> {
  const sandbox = await createSandbox();
  sandbox.image('registry/web:1.2.0');
  sandbox.image('registry/web:1.3.0', next);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 6 });
  const metrics = rate === undefined ? undefined : prometheus(sandbox.prometheus);
  const users = rate === undefined ? undefined : sandbox.load('shop/web', { rate });
  const shepherd = new Shepherd({ platform: kubernetes(sandbox.connection), metrics, extensions });
  return {
    async deploy(request) {
      const rollout = shepherd.deploy({ app: 'shop/web', ...request });
      for await (const event of rollout) if (!event.transient) print(formatEvent(event));
      const outcome = await rollout.outcome;
      if (outcome.kind === 'failed-untouched') print(formatOutcome(outcome));
      const seen = await users?.stop();
      if (seen !== undefined) print(`${seen.failed} of the users' requests failed`);
      return outcome;
    },
    async [Symbol.asyncDispose]() {
      await shepherd.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}
