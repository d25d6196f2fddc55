/** The packages that have tests; `vitest.config.ts` runs them, each with its own `vitest.config.ts`. */
export default ['packages/*', 'examples'];
