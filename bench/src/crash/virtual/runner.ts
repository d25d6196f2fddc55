import { type Rollout, type RolloutEvent, Shepherd } from '@shepherd/core';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { callOf } from '../api-call.js';
import { Mortal } from './mortal.js';
import type { World } from './world.js';

/** At which call of a runner, counted from 1, it is killed: before the call reached the server, or when the server has done it and the answer is lost. */
export interface Kill {
  readonly call: number;
  readonly side: 'before' | 'after';
}

/** A call as it was made. */
export interface SeenCall {
  readonly kind: 'write' | 'read';
  readonly text: string;
  readonly atMs: number;
  /** Of the world, when the call was sent and when it was answered. */
  readonly version: number;
  readonly versionAfter: number;
}

export interface RunnerOptions {
  readonly world: World;
  readonly name: string;
  readonly kill: Kill | undefined;
}

/** Between 1 and 5 ms: so that controllers and runner take turns as they do on a network, the same in each run. */
const latencyMs = (call: number): number => 1 + ((call * 7) % 5);

/** One process that drives rollouts, until it is killed. */
export class Runner implements AsyncDisposable {
  readonly shepherd: Shepherd<KubeRelease>;
  readonly calls: SeenCall[] = [];
  /** Of all that this process published, what the journal must hold. */
  readonly events: RolloutEvent[] = [];
  readonly killed: Promise<'killed'>;
  readonly #mortal: Mortal;
  readonly #listening: Promise<void>[] = [];
  #dead = false;

  constructor({ world, name, kill }: RunnerOptions) {
    let die: () => void = () => undefined;
    this.killed = new Promise((resolve) => {
      die = () => {
        this.#dead = true;
        this.#mortal.kill();
        resolve('killed');
      };
    });
    const pending = new Map<Request, number>();
    let count = 0;
    this.#mortal = new Mortal(world.clock, world.transport, {
      before: async (request) => {
        const { method, url } = request;
        const call = await callOf({ method, url, body: () => request.clone().json() });
        if (call === undefined || this.#dead) return;
        count += 1;
        const number = count;
        pending.set(request, number);
        const note = (): void => void (this.calls[number - 1] = { ...call, atMs: world.elapsedMs, version: world.version, versionAfter: world.version });
        note();
        await this.#mortal.clock.sleep(latencyMs(number));
        note();
        world.lookForOutage(`${name} sends ${call.text}`);
        if (kill?.call === number && kill.side === 'before') die();
      },
      after: (request) => {
        const number = pending.get(request);
        if (number === undefined) return;
        pending.delete(request);
        const call = this.calls[number - 1] as SeenCall;
        this.calls[number - 1] = { ...call, versionAfter: world.version };
        world.lookForOutage(`${name} sent ${call.text}`);
        if (kill?.call === number && kill.side === 'after') die();
      },
    });
    const { clock, transport } = this.#mortal;
    this.shepherd = new Shepherd({ platform: kubernetes({ kubeconfig: world.kubeconfig, clock, transport }), actor: { name, kind: 'ci' } });
  }

  /** Hears the events of a rollout as this process publishes them. */
  listenTo(rollout: Rollout): void {
    this.#listening.push(this.#listen(rollout));
  }

  /** Resolves when all that was published is in `events`. */
  async heard(): Promise<void> {
    await Promise.all(this.#listening);
  }

  /** Of a dead one nothing is waited for; its signals abort, or the runtime would keep those that are listened to. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.shepherd.close();
    if (!this.#dead) await closed;
  }

  async #listen(rollout: Rollout): Promise<void> {
    for await (const event of rollout.events()) if (!event.transient) this.events.push(event);
  }
}
