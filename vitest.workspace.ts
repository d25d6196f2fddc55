/** The packages that have tests, the benches that have some, the laws that span them, and what the pages of docs show; `vitest.config.ts` runs them, each with its own `vitest.config.ts`. */
export default ['packages/*', 'bench', 'examples', 'test/laws', 'test/docs'];
