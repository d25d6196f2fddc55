/** Logs and events go into journals, notices and terminals: what looks like a credential stays behind. */
export const redact = (line: string): string =>
  line
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 ***')
    .replace(/(:\/\/[^\s:/@]+):[^\s@/]+@/g, '$1:***@')
    .replace(/\b([\w-]*(?:password|passwd|secret|token|api[-_]?key|credential)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;]+)/gi, '$1***');
