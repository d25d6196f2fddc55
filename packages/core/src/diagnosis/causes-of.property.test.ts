import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EvidenceSource, evidenceShapes } from '../ports/evidence.js';
import { causeClasses } from './cause.js';
import { causesOf } from './causes-of.js';

const app = { cluster: 'default', namespace: 'shop', name: 'web' };

/** Words that rules look for, so that random evidence hits them, beside words that nobody knows. */
const words = fc.oneof(
  fc.constantFrom(
    'CrashLoopBackOff',
    'ImagePullBackOff',
    'ErrImagePull',
    'InvalidImageName',
    'CreateContainerConfigError',
    'OOMKilled',
    'StartError',
    'Error',
    'Completed',
    'Unhealthy',
    'FailedMount',
    'waiting',
    'running',
    'terminated',
    'failed',
    'ok',
    'True',
    'Unknown',
    'object',
    'key',
    'pull',
    'probe',
    'target',
    'Failed',
    'w-1',
    'w-2',
    'Pod w-1',
    'Pod w-2',
    'Readiness probe failed: HTTP probe failed with statuscode: 503',
    'Liveness probe failed: connect: connection refused',
    'secret "a" not found',
    'exceeded quota: q',
    '0/1 nodes are available: 1 Insufficient cpu',
    'x: not found',
    '401 Unauthorized',
    'connect ECONNREFUSED',
    '8080',
    'ContainerCreating',
  ),
  fc.string(),
);
const values = {
  text: words,
  number: fc.oneof(fc.integer({ min: -2, max: 400 }), fc.constantFrom(0, 1, 2)),
  flag: fc.boolean(),
  texts: fc.array(words, { maxLength: 3 }),
  table: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
} as const;

const shaped = (source: EvidenceSource): fc.Arbitrary<unknown> => {
  const fields = Object.entries(evidenceShapes[source] as Readonly<Record<string, string>>);
  const data = fc.record(Object.fromEntries(fields.map(([name, kind]) => [name, values[kind.replace('?', '') as keyof typeof values]])), {
    requiredKeys: fields.filter(([, kind]) => !kind.endsWith('?')).map(([name]) => name),
  });
  return fc.record({ source: fc.constant(source), object: words, check: fc.constantFrom('kubectl get pods', 'look'), data });
};
const sources = Object.keys(evidenceShapes) as EvidenceSource[];
const known = fc.constantFrom(...sources).chain(shaped);
const anything = fc.oneof(
  { weight: 5, arbitrary: known },
  { weight: 1, arbitrary: fc.anything() },
  // Right at first sight, with fields of other kinds.
  { weight: 1, arbitrary: fc.record({ source: fc.constantFrom(...sources), object: fc.anything(), check: fc.constant('look'), data: fc.object() }) },
);

test('whatever comes: causes with evidence that can be checked, the same in every order', () => {
  fc.assert(
    fc.property(
      fc.array(anything, { maxLength: 25 }).chain((items) => fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length }))),
      ([items, shuffled]) => {
        const causes = causesOf(app, items);
        expect(causesOf(app, shuffled)).toEqual(causes);
        for (const cause of causes) {
          expect(causeClasses[cause.code]).toBe(cause.class);
          expect(cause.evidence.length).toBeGreaterThan(0);
          expect(cause.evidence.every(({ summary, check }) => summary !== '' && check !== '')).toBe(true);
          expect(cause.next).not.toBe('');
        }
        expect(JSON.parse(JSON.stringify(causes))).toEqual(causes);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('nothing at all is no health', () => {
  expect(causesOf(app, [])).toMatchObject([{ code: 'unknown' }]);
});
