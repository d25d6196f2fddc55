import type { PortContext } from '../../ports/context.js';
import type { Http, HttpReply } from '../../ports/http.js';
import type { MemoryApp } from './memory-app.js';
import type { MemoryStore } from './memory-store.js';
import { isComing, isReady, type MemoryPod } from './pods.js';

export const healthPath = '/api/health';

/** What a healthy pod answers: its health, metrics in the text format of Prometheus, JSON elsewhere. */
function healthy(path: string, version: string): { readonly text: string; readonly headers: Readonly<Record<string, string>> } {
  if (path === '/metrics')
    return { headers: { 'content-type': 'text/plain; version=0.0.4' }, text: '# TYPE http_requests_total counter\nhttp_requests_total 1\n' };
  const body = path === healthPath ? { status: 'healthy', version, database: 'connected' } : { status: 'healthy', version, path };
  return { headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

function ask(app: MemoryApp, pod: MemoryPod, path: string): HttpReply {
  const base = { pod: pod.name, ms: 1 };
  if (!isReady(pod, app.present())) return { ...base, status: 0, headers: {}, text: 'connection refused' };
  return { ...base, status: 200, ...healthy(path, pod.version), ...app.versionOptions(pod.version).reply?.(path) };
}

/** Every hundredth request decides: of 100 in a row, `weight` go to the candidate, spread evenly. */
const turn = (count: number, weight: number): boolean => Math.floor(((count + 1) * weight) / 100) > Math.floor((count * weight) / 100);

export const memoryHttp = (store: MemoryStore): ((context: PortContext) => Http) => {
  let asked = 0;
  return ({ app: { namespace, name }, signal }) =>
    async (to, path) => {
      signal.throwIfAborted();
      const app = store.app(namespace, name);
      if (to !== 'service') {
        const track = app.track(to);
        const nowMs = app.present();
        return (track?.pods ?? []).filter((pod) => pod.version === track?.version && !isComing(pod, nowMs)).map((pod) => ask(app, pod, path));
      }
      if (app.options.switches === false) return [];
      const { serving } = app;
      const preferred = serving.filter((pod) => (app.candidate?.pods.includes(pod) ?? false) === turn(asked, app.weight));
      const pods = preferred.length > 0 ? preferred : serving;
      const pod = pods[asked++ % Math.max(1, pods.length)];
      return [pod === undefined ? { pod: app.name, status: 0, headers: {}, text: 'no pod serves', ms: 1 } : ask(app, pod, path)];
    };
};
