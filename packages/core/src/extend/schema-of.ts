import type { Issue } from '../errors/error-facts.js';
import { shown } from '../strategies/options.js';
import type { Schema } from './definition.js';

/** A schema for the input of a gate or check, without a library: what a rollout brings back from its journal is checked by the same code. */
export const schemaOf = <I>(issuesOf: (input: object) => readonly Issue[]): Schema<I> => ({
  '~standard': {
    version: 1,
    vendor: 'shepherd',
    validate: (value: unknown) => {
      const issues = typeof value === 'object' && value !== null ? issuesOf(value) : [{ path: '', got: shown(value), expected: 'an object' }];
      return issues.length === 0
        ? { value }
        : { issues: issues.map(({ path, got, expected }) => ({ message: `${expected}; got ${got}`, path: path.split('.').filter(Boolean) })) };
    },
  },
});
