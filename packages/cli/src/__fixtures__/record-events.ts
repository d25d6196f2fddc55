import { type DeployRequest, type RolloutEvent, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, type MemoryPlatformOptions, type MemoryRelease } from '@shepherd/core/testing';

/** All events of a rollout on a platform in memory, transient ones too, with an id and an actor that do not change. */
export async function recordEvents(request: Omit<DeployRequest<MemoryRelease>, 'app'>, options: MemoryPlatformOptions = {}): Promise<readonly RolloutEvent[]> {
  const platform = createMemoryPlatform({ replicas: 4, ...options });
  await using shepherd = new Shepherd({ platform, actor: { name: 'ann@desk', kind: 'human' } });
  const events: RolloutEvent[] = [];
  for await (const event of shepherd.deploy({ app: 'web', ...request })) events.push(event);
  const [first] = events;
  const text = JSON.stringify(events).replaceAll(first?.rolloutId ?? '', 'memory_shop_web_1').replaceAll(/ann@desk#[0-9a-f]+/g, 'ann@desk#1');
  return JSON.parse(text);
}
