/** ln(exp(a) + exp(b)) without leaving logarithms: evidence grows beyond what a number holds. */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** ln of the sum of exp of all. */
export function logSum(terms: readonly number[]): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const term of terms) if (term > most) most = term;
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - most);
  return most + Math.log(sum);
}
