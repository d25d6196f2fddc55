import type { LoadNews, LoadOrder } from './load-messages.js';
import { type Load, openLoop } from './open-loop.js';

let loads: readonly Load[] = [];
const tell = (news: LoadNews): void => void process.send?.(news);

function progress(): void {
  const counts = loads.map((load) => load.soFar());
  tell({ kind: 'progress', requests: counts.reduce((sum, each) => sum + each.requests, 0), failed: counts.reduce((sum, each) => sum + each.failed, 0) });
}

async function obey(order: LoadOrder): Promise<void> {
  if (order.kind === 'start') {
    loads = order.loads.map((options) => openLoop(options));
    setInterval(progress, 250).unref();
    return tell({ kind: 'started' });
  }
  const reports = await Promise.all(loads.map((load) => load.stop()));
  process.send?.({ kind: 'stopped', reports } satisfies LoadNews, () => process.exit(0));
}

process.on('message', (order: LoadOrder) => {
  obey(order).catch((error: unknown) => tell({ kind: 'failed', message: String(error) }));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: the parent decides when the load ends, or goes, which ends it too.
process.on('SIGINT', () => undefined);
