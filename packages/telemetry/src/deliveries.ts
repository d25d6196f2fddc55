import type { Context } from '@opentelemetry/api';
import type { Notifier } from '@shepherd/core';
import type { Sinks } from './rollout-trace.js';

/** A channel whose attempts are counted; what it does, and how long that takes, stays the same. */
export function counted(channel: Notifier, withSinks: (work: (sinks: Sinks) => void) => void, contextOf: (rolloutId: string) => Context | undefined): Notifier {
  const { specificationVersion, name, wants } = channel;
  return {
    specificationVersion,
    name,
    ...(wants === undefined ? {} : { wants }),
    ...(channel.preflight === undefined ? {} : { preflight: async (context) => channel.preflight?.(context) ?? [] }),
    async send(notice, context) {
      const startTime = context.clock.now();
      let kind = 'error';
      try {
        const delivery = await channel.send(notice, context);
        kind = delivery.kind;
        return delivery;
      } finally {
        const endTime = context.clock.now();
        withSinks(({ api, tracer, instruments }) => {
          const labels = { 'shepherd.notifier': name, 'shepherd.notice.type': notice.type, 'shepherd.delivery': kind };
          instruments.deliveries.add(1, labels);
          const parent = contextOf(notice.rolloutId);
          if (parent === undefined) return;
          const attributes = { ...labels, 'cicd.pipeline.task.name': 'notify', 'cicd.pipeline.task.type': 'deploy' };
          tracer.startSpan('notify', { kind: api.SpanKind.INTERNAL, startTime, attributes }, parent).end(endTime);
        });
      }
    },
    ...(channel[Symbol.asyncDispose] === undefined ? {} : { [Symbol.asyncDispose]: async () => channel[Symbol.asyncDispose]?.() }),
  };
}
