/** `tty`: redrawn in place. `plain`: a line a change. `github`: those lines as GitHub Actions read them. `json`: the result alone. `ndjson`: events, then it. */
export const formats = ['tty', 'plain', 'github', 'json', 'ndjson'] as const;
export type Format = (typeof formats)[number];

/** For programs: nothing but JSON on stdout. */
export const isData = (format: string | undefined): boolean => format === 'json' || format === 'ndjson';

/** What a line of arguments names as its format, the last one that it names; read before it is parsed, and also where it cannot be. */
export const formatIn = (argv: readonly string[]): string | undefined =>
  argv
    .map((each, index) =>
      each === '--json' ? 'ndjson' : (/^(?:-o=?|--output=)(.+)$/.exec(each)?.[1] ?? (/^(?:-o|--output)$/.test(each) ? argv[index + 1] : undefined)),
    )
    .findLast((each) => each !== undefined);

/** Whether what a line of arguments prints goes to a log of GitHub Actions, where nobody asked for another format. */
export const isGithub = (argv: readonly string[], env: Readonly<Record<string, string | undefined>>): boolean =>
  (formatIn(argv) ?? (env['GITHUB_ACTIONS'] === 'true' ? 'github' : undefined)) === 'github';
