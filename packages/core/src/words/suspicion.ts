/**
 * What a check may suspect where it fails (EC 3, E3 and E4): going back could make it worse, as where a migration is the cause, or hide what happened. So nothing
 * goes back by itself then; a person decides.
 */
export type Suspicion = 'data-corruption' | 'security';

/** All of them. */
export const suspicions = ['data-corruption', 'security'] as const satisfies readonly Suspicion[];

export const isSuspicion = (value: unknown): value is Suspicion => (suspicions as readonly unknown[]).includes(value);
