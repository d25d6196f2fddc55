import { Shepherd } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import type { Connection } from '../connect.js';
import { Interrupt } from '../interrupt.js';
import type { World } from '../world.js';

export interface Session {
  readonly shepherd: Shepherd<KubeRelease>;
  readonly interrupt: Interrupt;
}

/** Runs a command on a cluster, and closes what it opened. */
export async function withShepherd<T>(connection: Connection, { connect, io, clock }: World, work: (session: Session) => Promise<T>): Promise<T> {
  const interrupt = new Interrupt(io);
  try {
    const shepherd = new Shepherd<KubeRelease>({ platform: await connect(connection), clock });
    try {
      return await work({ shepherd, interrupt });
    } finally {
      await shepherd.close();
    }
  } finally {
    interrupt.close();
  }
}
