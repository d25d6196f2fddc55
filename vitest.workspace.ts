/** The packages that have tests, the benches that have some, and the laws that span them; `vitest.config.ts` runs them, each with its own `vitest.config.ts`. */
export default ['packages/*', 'bench', 'examples', 'test/laws'];
