import { expect, test } from 'vitest';
import { shownArgv } from './argv.js';

test.each([
  [['/usr/local/bin/helm', 'upgrade', '--install', '--timeout=300s', '--', 'web', './chart'], 'helm upgrade --install --timeout=300s -- web ./chart'],
  [['aws', 'eks', 'get-token', '--cluster-name', 'prod'], 'aws eks get-token --cluster-name prod'],
  [['plugin', '--token', 'abc', '--region', 'eu'], 'plugin --token *** --region eu'],
  [['plugin', '--client-secret=abc'], 'plugin --client-secret=***'],
  [['helm', 'template', '--set', 'db.password=hunter2', '--set-string=image.tag=1.3.0'], 'helm template --set db.password=*** --set-string=image.tag=***'],
  [['plugin', 'https://ann:pw@idp.example/login'], 'plugin ***'],
  [['plugin', 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'], 'plugin ***'],
  [['plugin', 'Ft2INLK-ICFJ_ntYc375E-Fht'], 'plugin ***'],
  [['plugin', `print({"token":"Ft2INLKICFJntYc375E-FhtFMKxuPWni"})`], 'plugin ***'],
  [['aws', '--role-arn', 'arn:aws:iam::123456789012:role/deployer'], 'aws --role-arn arn:aws:iam::123456789012:role/deployer'],
  [['plugin', 'a-cluster-of-the-eu-west-1-region'], 'plugin a-cluster-of-the-eu-west-1-region'],
  [['plugin', 'q2w3e4r5t6y7u8i9o0p1a2s3d4f5'], 'plugin ***'],
  [['plugin', "it's a name"], String.raw`plugin 'it'\''s a name'`],
  [['plugin', 'https://token@idp.example/login'], 'plugin https://***@idp.example/login'],
])('%j', (argv, line) => {
  expect(shownArgv(argv)).toBe(line);
});
