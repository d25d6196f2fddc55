import { type DeployRequest, type Extension, formatEvent, formatOutcome, type Outcome, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { type Behaviour, createSandbox } from '@shepherd/sandbox';

export interface Shop extends AsyncDisposable {
  /** Releases `shop/web` and prints what happens. */
  deploy(request: Omit<DeployRequest<KubeRelease>, 'app'>): Promise<Outcome>;
}

/** A cluster in this process with the app `shop/web` on six pods, and a release 1.3.0 that behaves as told. Time is virtual: minutes pass in milliseconds. */
export async function shop(next: Behaviour = {}, extensions: readonly Extension[] = [], print: (line: string) => void = console.log): Promise<Shop> {
  const sandbox = await createSandbox();
  sandbox.image('registry/web:1.2.0');
  sandbox.image('registry/web:1.3.0', next);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 6 });
  const shepherd = new Shepherd({ platform: kubernetes(sandbox.connection), extensions });
  return {
    async deploy(request) {
      const rollout = shepherd.deploy({ app: 'shop/web', ...request });
      for await (const event of rollout) if (!event.transient) print(formatEvent(event));
      const outcome = await rollout.outcome;
      if (outcome.kind === 'failed-untouched') print(formatOutcome(outcome));
      return outcome;
    },
    async [Symbol.asyncDispose]() {
      await shepherd.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}
