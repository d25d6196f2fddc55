const kept = 2_000;

/** One line, and when it was printed. */
export interface LogLine {
  readonly text: string;
  readonly at: Date;
}

export interface LogFollower {
  line(line: LogLine): void;
  /** The run is over: nothing more comes. */
  end(): void;
}

/** What a container prints: the run of now and the one before. */
export class ContainerLog {
  #current: LogLine[] = [];
  #previous: LogLine[] | undefined;
  readonly #followers = new Set<LogFollower>();

  line(text: string, at: Date): void {
    const line = { text, at };
    this.#current.push(line);
    if (this.#current.length > kept) this.#current.shift();
    for (const follower of this.#followers) follower.line(line);
  }

  /** A new run begins. */
  turn(): void {
    this.#previous = this.#current;
    this.#current = [];
  }

  /** The run has ended. */
  end(): void {
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
  }

  /** Tells what is printed from now on, until the run ends. */
  follow(follower: LogFollower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** `undefined` where there was no run before. */
  read(which: 'current' | 'previous'): readonly LogLine[] | undefined {
    return which === 'current' ? this.#current : this.#previous;
  }
}
