/**
 * T if it is plain JSON; `never` at the first field that is not (Date, Map, function …), so that the compiler objects where the value enters a plan.
 */
export type Json<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Date | Map<never, never> | Set<never> | bigint | symbol | ((...a: never) => unknown)
    ? never
    : { readonly [K in keyof T]: Json<T[K]> };
