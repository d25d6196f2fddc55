/** What a person types to see the same as we: of one app's namespace. */
export class Commands {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  describe(kind: string, name: string): string {
    return `kubectl describe ${kind} -n ${this.#namespace} ${name}`;
  }

  get(kind: string, name: string): string {
    return `kubectl get ${kind} -n ${this.#namespace} ${name}`;
  }

  log(pod: string, container: string, previous: boolean): string {
    return `kubectl logs -n ${this.#namespace} ${pod} -c ${container}${previous ? ' --previous' : ''} --tail 25`;
  }

  events(object: string): string {
    return `kubectl get events -n ${this.#namespace} --field-selector involvedObject.name=${object}`;
  }

  raw(path: string): string {
    return `kubectl get --raw '${path}'`;
  }

  top(pod: string): string {
    return `kubectl top pod -n ${this.#namespace} ${pod}`;
  }

  node(name: string): string {
    return `kubectl describe node ${name}`;
  }
}
