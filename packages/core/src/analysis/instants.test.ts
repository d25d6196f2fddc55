import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Instants } from './instants.js';

test('is Date.parse, for times near each other and for what is no time', () => {
  const near = fc.integer({ min: 0, max: 300_000 }).map((ms) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString());
  const any = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const broken = near.chain((text) =>
    fc.tuple(fc.nat({ max: 23 }), fc.constantFrom('x', '9', ' ', '-', 'Z')).map(([at, by]) => text.slice(0, at) + by + text.slice(at + 1)),
  );
  const other = fc.constantFrom(
    '',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000+01:00',
    '2026-01-01',
    '1969-12-31T23:59:59.999Z',
    '1969-12-31T23:59:10.001Z',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any, broken, other), { maxLength: 30 }), (texts) => {
      const instants = new Instants();
      for (const text of texts) expect(instants.parse(text)).toBe(Date.parse(text));
    }),
    { numRuns: 500 },
  );
});
