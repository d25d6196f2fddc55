import type { KubeObject, Objects } from '../api/objects.js';
import { timestamp } from '../api/timestamp.js';

/** What a component tells people about an object. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `spec.containers{web}` for what concerns one container. */
  readonly fieldPath?: string;
}

/** Writes Events; the same words about the same object count up one Event, as client-go's recorder does. */
export class EventRecorder {
  readonly #known = new Map<string, { namespace: string; name: string }>();
  #serial = 0;

  constructor(
    readonly objects: Objects,
    readonly date: () => Date,
    readonly component: string,
    readonly host?: string,
  ) {}

  record(about: KubeObject, note: EventNote): void {
    const namespace = about.metadata.namespace ?? 'default';
    const key = [about.metadata.uid, note.fieldPath, note.type, note.reason, note.message].join('\0');
    const now = timestamp(this.date());
    const known = this.#known.get(key);
    const before = known && this.objects.get('events', known.namespace, known.name);
    try {
      if (before !== undefined) {
        this.objects.update('events', { ...before, count: (before.count ?? 1) + 1, lastTimestamp: now });
        return;
      }
      const name = `${about.metadata.name}.${(this.date().getTime() * 1_000 + this.#serial++).toString(16)}`;
      this.#known.set(key, { namespace, name });
      this.objects.create('events', this.#event(about, note, name, namespace, now));
    } catch (error) {
      // an Event that cannot be written (a namespace that is going) is lost in Kubernetes too
      if ((error as { code?: unknown }).code === undefined) throw error;
    }
  }

  #event(about: KubeObject, note: EventNote, name: string, namespace: string, now: string) {
    const { apiVersion, kind, metadata } = about;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        apiVersion,
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(note.fieldPath === undefined ? {} : { fieldPath: note.fieldPath }),
      },
      type: note.type,
      reason: note.reason,
      message: note.message,
      source: { component: this.component, ...(this.host === undefined ? {} : { host: this.host }) },
      reportingComponent: this.component,
      reportingInstance: this.host ?? '',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
  }
}
