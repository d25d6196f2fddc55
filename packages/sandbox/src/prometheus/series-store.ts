/** A label set; `__name__` is the metric. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** Samples of one label set, by time. `undefined` marks that the series ended there. */
export class Series {
  readonly #times: number[] = [];
  readonly #values: (number | undefined)[] = [];

  constructor(readonly labels: Labels) {}

  /** Whether the last thing known is a sample. */
  get live(): boolean {
    return this.#values.at(-1) !== undefined;
  }

  /** Later than all before; anything else is dropped, as samples out of order are. */
  append(atMs: number, value: number | undefined, keepMs: number): void {
    if (atMs <= (this.#times.at(-1) ?? -Infinity)) return;
    this.#times.push(atMs);
    this.#values.push(value);
    const old = this.#after(atMs - keepMs);
    if (old > 256) {
      this.#times.splice(0, old);
      this.#values.splice(0, old);
    }
  }

  /** The newest sample in (from, to], unless the series ended after it. */
  newest(fromMs: number, toMs: number): Sample | undefined {
    const index = this.#after(toMs) - 1;
    const [atMs, value] = [this.#times[index] ?? -Infinity, this.#values[index]];
    return value === undefined || atMs <= fromMs ? undefined : { atMs, value };
  }

  /** Samples in (from, to]. */
  between(fromMs: number, toMs: number): readonly Sample[] {
    const samples: Sample[] = [];
    for (let index = this.#after(fromMs); index < this.#after(toMs); index++) {
      const value = this.#values[index];
      if (value !== undefined) samples.push({ atMs: this.#times[index] ?? 0, value });
    }
    return samples;
  }

  /** How many are not later. */
  #after(atMs: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const idOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** All series, by metric. */
export class SeriesStore {
  readonly #byId = new Map<string, Series>();
  readonly #byMetric = new Map<string, Series[]>();

  constructor(private readonly keepMs: number) {}

  /** The series of these labels, made where there was none. */
  series(labels: Labels): Series {
    const id = idOf(labels);
    return this.#byId.get(id) ?? this.#add(id, labels);
  }

  add(series: Series, atMs: number, value: number): void {
    series.append(atMs, value, this.keepMs);
  }

  append(labels: Labels, atMs: number, value: number): Series {
    const series = this.series(labels);
    this.add(series, atMs, value);
    return series;
  }

  /** Those of one metric, or all. */
  of(metric: string | undefined): Iterable<Series> {
    return metric === undefined ? this.#byId.values() : (this.#byMetric.get(metric) ?? []);
  }

  end(series: Series, atMs: number): void {
    if (series.live) series.append(atMs, undefined, this.keepMs);
  }

  #add(id: string, labels: Labels): Series {
    const series = new Series(labels);
    this.#byId.set(id, series);
    const { __name__: metric = '' } = labels;
    const list = this.#byMetric.get(metric) ?? [];
    if (list.length === 0) this.#byMetric.set(metric, list);
    list.push(series);
    return series;
  }
}
