const kept = 2_000;

/** What a container prints: the run of now and the one before. */
export class ContainerLog {
  #current: string[] = [];
  #previous: string[] | undefined;

  line(text: string): void {
    this.#current.push(text);
    if (this.#current.length > kept) this.#current.shift();
  }

  /** A new run begins. */
  turn(): void {
    this.#previous = this.#current;
    this.#current = [];
  }

  /** `undefined` where there was no run before. */
  read(which: 'current' | 'previous'): readonly string[] | undefined {
    return which === 'current' ? this.#current : this.#previous;
  }
}
