/** `tty`: redrawn in place. `plain`: a line a change. `github`: those lines as GitHub Actions read them. `json`: the result alone. `ndjson`: events, then it. */
export const formats = ['tty', 'plain', 'github', 'json', 'ndjson'] as const;
export type Format = (typeof formats)[number];

/** For programs: nothing but JSON on stdout. */
export const isData = (format: string | undefined): boolean => format === 'json' || format === 'ndjson';
