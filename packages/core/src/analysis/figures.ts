/** `1,204`, `10,870`, `12.5`. */
export function figure(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  const text = String(rounded);
  return rounded < 1_000 ? text : text.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2.6 %`, `0.37 %`, `12 %`: two figures that count. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return '0 %';
  let scale = 1;
  while (value * scale < 10 && scale < 1e6) scale *= 10;
  return `${Math.round(value * scale) / scale} %`;
}

/** `6.9 times`, `20 times`. */
export const times = (ratio: number): string => `${ratio >= 10 ? figure(Math.round(ratio)) : ratio.toFixed(1)} times`;

/** A bound in seconds as people write it: `250 ms`, `2.5 s`. */
export const bound = (seconds: number): string => (seconds < 1 ? `${Number((seconds * 1_000).toPrecision(4))} ms` : `${Number(seconds.toPrecision(4))} s`);

/** E as odds, from its logarithm: `83 : 1`; beyond a million only that. */
export const odds = (logE: number): string => {
  const e = Math.exp(Math.min(logE, 20));
  if (e > 1e6) return 'over 1,000,000 : 1';
  return e < 1 ? `1 : ${figure(Math.min(1 / e, 1e6))}` : `${figure(e)} : 1`;
};
