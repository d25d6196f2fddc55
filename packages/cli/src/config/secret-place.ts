/** Where a secret stands; never the secret itself. A Secret is read in the namespace that a command works in. */
export type SecretPlace = { readonly env: string } | { readonly file: string } | { readonly secretRef: { readonly name: string; readonly key: string } };
