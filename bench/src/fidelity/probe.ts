import type { Json } from './json.js';
import { Names } from './names.js';
import { pathOf } from './paths.js';
import { type WatchEvent, watching } from './watching.js';

const patienceMs = 60_000;

export interface CallOptions {
  readonly body?: unknown;
  /** Of the body: `json`, `merge-patch+json`, `strategic-merge-patch+json`, `json-patch+json`, `apply-patch+yaml`. */
  readonly type?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Speaks for this user, who has no rights of its own. */
  readonly as?: string;
  readonly accept?: string;
}

export interface Answer {
  readonly status: number;
  readonly warning: string | null;
  readonly body: Json;
}

/** What was noted, in order, with names in place of what no two clusters have in common. */
export interface Note {
  readonly label: string;
  readonly value: Json;
}

/** All that a scenario has of a cluster: requests in a namespace of its own, and waiting for what they bring about. */
export class Probe {
  readonly notes: Note[] = [];
  readonly names = new Names();
  readonly #url: string;

  constructor(
    url: string,
    readonly namespace: string,
  ) {
    this.#url = url;
    this.names.learn(namespace, 'NAMESPACE');
  }

  /** @param path `deployments/web`, in the namespace; or from the root, with `{ns}` */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, type = 'json', accept = 'application/json' } = options;
    const response = await fetch(this.#urlOf(path, options.query), {
      method,
      headers: { ...this.#headers(options.as), accept, ...(body !== undefined && { 'content-type': `application/${type}` }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, warning: response.headers.get('warning'), body: parsed(text) };
  }

  /** A call whose answer is noted. */
  async show(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await this.call(method, path, options);
    this.note(`${method} ${path}`, answer);
    return answer;
  }

  /** A call that has to succeed, for what is not in question. @throws Error with the answer */
  async need(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Json> {
    const answer = await this.call(method, path, { ...options, ...(body !== undefined && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  note(label: string, value: Json): void {
    const named = this.names.of(value);
    this.notes.push({ label: this.names.of(label), value: named });
  }

  /**
   * Reads again after each change of these resources until `read` answers something.
   * @throws Error after a minute, with what `read` threw last
   */
  async until<T>(resources: readonly string[], read: () => Promise<T | undefined>, what = 'it'): Promise<T> {
    const stop = new AbortController();
    let wake = (): void => undefined;
    let changed = false;
    const onEvent = (): void => {
      changed = true;
      wake();
    };
    const watches = resources.map((resource) => this.#follow(resource, onEvent, stop.signal));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      wake();
    }, patienceMs);
    try {
      for (;;) {
        changed = false;
        const found = await read();
        if (found !== undefined) return found;
        if (late) throw new Error(`${what} did not happen within ${patienceMs / 1_000} s`);
        if (!changed) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearTimeout(timer);
      stop.abort();
      await Promise.allSettled(watches);
    }
  }

  /** The object as soon as it is like this. */
  async whenObject(path: string, isSo: (object: Json) => boolean, what = path): Promise<Json> {
    const resource = path.split('/')[0] ?? path;
    return this.until(
      [resource],
      async () => {
        const { status, body } = await this.call('GET', path);
        return status === 200 && isSo(body) ? body : undefined;
      },
      what,
    );
  }

  /** Resolves when the path answers 404. */
  async whenGone(path: string): Promise<void> {
    await this.until([path.split('/')[0] ?? path], async () => ((await this.call('GET', path)).status === 404 ? true : undefined), `${path} to go`);
  }

  /** The events of a watch, until there are so many or the server ends it. */
  async watch(path: string, query: Readonly<Record<string, string>>, enough: (events: readonly WatchEvent[]) => boolean): Promise<WatchEvent[]> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patienceMs);
    const events: WatchEvent[] = [];
    try {
      for await (const event of watching(this.#urlOf(path, { watch: '1', ...query }), this.#headers(), stop.signal)) {
        events.push(event);
        if (enough(events)) break;
      }
      return events;
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  async #follow(resource: string, onEvent: () => void, signal: AbortSignal): Promise<void> {
    for await (const _ of watching(this.#urlOf(resource, { watch: '1', timeoutSeconds: '120' }), this.#headers(), signal)) onEvent();
  }

  #headers(as?: string): Record<string, string> {
    return { 'user-agent': 'fidelity/1', ...(as !== undefined && { 'impersonate-user': as }) };
  }

  #urlOf(path: string, query: Readonly<Record<string, string>> = {}): string {
    const url = new URL(`${this.#url}${pathOf(path, this.namespace)}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
