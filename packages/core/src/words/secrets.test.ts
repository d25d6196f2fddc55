import { expect, test } from 'vitest';
import { hideSecrets, secretIssues, withoutSecrets } from './secrets.js';

// Made up, and in two parts each, so that no scanner takes this file for a leak.
const credentials: readonly (readonly [string, string])[] = [
  ['a private key', ['-----BEGIN RSA PRIVATE', ' KEY-----\nMIIEow\n-----END RSA PRIVATE', ' KEY-----'].join('')],
  ['a GitHub token', ['ghp', '_abcdefghijklmnopqrstuvwxyz0123456789'].join('')],
  ['a GitLab token', ['glpat', '-abcdefghijklmnopqrst'].join('')],
  ['an npm token', ['npm', '_abcdefghijklmnopqrstuvwxyz0123456789'].join('')],
  ['a Slack token', ['xoxb', '-1234567890-abcdef'].join('')],
  ['a webhook address', ['https://hooks.slack', '.com/services/T000/B000/XXXX'].join('')],
  ['an AWS key', ['AKIA', 'ABCDEFGHIJKLMNOP'].join('')],
  ['a Google API key', ['AIza', 'abcdefghijklmnopqrstuvwxyz0123456789'.slice(0, 35)].join('')],
  ['a Stripe key', ['sk_live', '_abcdefghijklmnop'].join('')],
  ['a JSON web token', ['eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0', '.abcdefghijkl'].join('')],
  ['a password in an address', 'postgres://shop:hunter2@db:5432/shop'],
  ['a bearer token', ['Authorization: Bearer', ' abcdefghijklmnopqrstuvwx'].join('')],
];

test.each(credentials)('%s is found where it stands, and not shown', (what, text) => {
  const issues = secretIssues('release', { env: [{ name: 'X', value: `before ${text} after` }] });
  expect(issues).toEqual([{ path: 'release.env[0].value', got: `what looks like ${what}`, expected: expect.stringContaining('Secret') }]);
  expect(JSON.stringify(withoutSecrets({ line: `before ${text} after` }))).toMatch(/before .*\*\*\*.* after/);
  const tail = text.slice(-8);
  if (what !== 'a password in an address') expect(hideSecrets(text)).not.toContain(tail);
  else expect(hideSecrets(text)).toBe('postgres://shop:***@db:5432/shop');
  expect(secretIssues('', hideSecrets(text))).toEqual([]);
});

test.each([
  'registry.example.com:5000/shop/web:1.3.0',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'https://web.shop.svc:8080/api/health?token=1',
  '123e4567-e89b-42d3-a456-426614174000',
  'Bearer of good news',
  'user@host: 2 of 3 pods ready; web-5d8c9b7f6b-abcde',
])('%s is no credential', (text) => {
  expect(secretIssues('x', text)).toEqual([]);
  expect(hideSecrets(text)).toBe(text);
});
