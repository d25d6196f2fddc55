import fc from 'fast-check';

const { SHEPHERD_PROPERTY_SEED: seed } = process.env;

// Without a seed each run looks at cases that nobody has seen; with one it is the same run again. `.ci/run` has one, so that a commit is judged by what it changes.
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
