import { isRecord, type Json } from './json.js';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const ipv4 = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;
const time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
const microTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g;
/** An object that a message quotes as Go does: `"{\"kind\":…}"`. */
const quotedObject = /"\{(?:[^"\\]|\\.)*\}"/g;
const lastTrigger = 'endpoints.kubernetes.io/last-change-trigger-time';
/** A cell of a table. */
const age = /^\d+[smhd]$/;
const storedVersion = /(in record) \(\d+\)/g;
/** Go's own printout of the fields that differ, after the reason. */
const fieldsPrinted = /\n@@ [\s\S]*$/;

/** What controllers and kubelets own is not what clients see of ownership. */
const componentManagers = new Set(['kube-controller-manager', 'controller-manager', 'kubelet', 'kube-scheduler']);

/**
 * Gives what no two clusters have in common (uids, addresses, generated names, versions, times) names by order of appearance: what was the same stays the
 * same, so that references can still be compared.
 */
export class Names {
  readonly #aliases = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #versions = new Map<string, string[]>();

  /** From now on a text is told by this name. */
  learn(text: string, alias: string): void {
    if (text !== '' && !this.#aliases.has(text)) this.#aliases.set(text, alias);
  }

  /** A value as it is compared. */
  of(value: Json): Json {
    this.meet(value);
    return this.#renamed(value);
  }

  #alias(text: string, kind: string): string {
    const known = this.#aliases.get(text);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const alias = `${kind}-${count}`;
    this.#aliases.set(text, alias);
    return alias;
  }

  /** Learns generated names before anything is renamed, because they stand in texts before they stand as names. */
  meet(value: Json): void {
    if (Array.isArray(value)) for (const item of value) this.meet(item);
    if (!isRecord(value)) return;
    const { generateName, name, labels } = value;
    const hash = labels?.['pod-template-hash'];
    if (typeof hash === 'string') this.#alias(hash, 'hash');
    if (typeof generateName === 'string' && typeof name === 'string' && name.startsWith(generateName) && name !== generateName) {
      this.#alias(name.slice(generateName.length), 'suffix');
    }
    for (const item of Object.values(value)) this.meet(item);
  }

  #text(text: string): string {
    let result = text.replace(quotedObject, (quoted) => this.#quoted(quoted));
    for (const [known, alias] of this.#aliases) if (result.includes(known)) result = result.replaceAll(known, alias);
    return result
      .replace(uuid, (found) => this.#alias(found, 'uid'))
      .replace(ipv4, (found) => this.#alias(found, 'ip'))
      .replace(microTime, 'MICROTIME')
      .replace(time, 'TIME')
      .replace(storedVersion, '$1 (VERSION)')
      .replace(fieldsPrinted, '');
  }

  /** Neither server promises an order of the fields, and who owns them is looked at elsewhere. */
  #quoted(quoted: string): string {
    try {
      return JSON.stringify(sorted(this.#renamed(JSON.parse(JSON.parse(quoted)))));
    } catch {
      return quoted;
    }
  }

  #renamed(value: Json): Json {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.#renamed(item));
    if (!isRecord(value)) return value;
    // in one order on both sides, because names go by order of appearance
    const entries = inOrder(value).flatMap(([field, item]): [string, Json][] => {
      if (field === 'resourceVersion' && typeof item === 'string') return [[field, this.#version(value['uid'], item)]];
      // when a controller saw a change is its own affair
      if (field === lastTrigger) return [];
      if (field === 'annotations' && isRecord(item) && Object.keys(item).every((key) => key === lastTrigger)) return [];
      // prose of Kubernetes' own documentation
      if (field === 'columnDefinitions') return [[field, item.map((column: Json) => ({ ...column, description: undefined }))]];
      if (field === 'cells') return [[field, item.map((cell: Json) => (age.test(cell) ? 'AGE' : this.#renamed(cell)))]];
      if (field === 'continue' && item) return [[field, 'CONTINUE']];
      if (field === 'managedFields' && Array.isArray(item)) return owners(item.map((one) => this.#renamed(one)));
      return [[this.#text(field), this.#renamed(item)]];
    });
    return Object.fromEntries(entries);
  }

  /** The versions of an object are told apart, those of lists are not: others write meanwhile. */
  #version(uid: unknown, version: string): string {
    if (typeof uid !== 'string') return version === '' || version === '0' ? version : 'VERSION';
    const known = this.#versions.get(uid) ?? [];
    this.#versions.set(uid, known);
    if (!known.includes(version)) known.push(version);
    return `version-${known.indexOf(version) + 1}`;
  }
}

const inOrder = (value: Record<string, Json>): [string, Json][] => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const fields = inOrder(value).filter(([field]) => field !== 'managedFields' && field !== 'resourceVersion');
  return Object.fromEntries(fields.map(([field, item]) => [field, sorted(item)]));
}

function owners(entries: readonly Json[]): [string, Json][] {
  const kept = entries.filter(({ manager }) => !componentManagers.has(manager));
  const key = (entry: Json): string => JSON.stringify([entry.manager, entry.operation, entry.subresource]);
  return kept.length === 0 ? [] : [['managedFields', kept.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))]];
}
