/** A command line as a shell takes it apart, as far as pages need that: quotes, and nothing else. */
export const wordsOf = (line: string): readonly string[] => (line.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).map((word) => word.replaceAll(/["']/g, ''));
