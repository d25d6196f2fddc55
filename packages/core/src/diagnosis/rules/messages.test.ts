import { describe, expect, test } from 'vitest';
import { refusalOf } from './creation.js';
import { troubleOf } from './dependencies.js';
import { pullReason } from './pull-reason.js';
import { missingOf } from './references.js';
import { placementOf } from './scheduling.js';

const pull = (end: string, image = 'registry.example/web:1.0.0'): string =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${end}`;

describe('why a pull failed', () => {
  test.each([
    [pull('registry.example/web:1.0.0: not found'), 'image-not-found'],
    ['manifest for registry.example/web:1.0.0 not found: manifest unknown: manifest unknown', 'image-not-found'],
    [
      pull('failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example/token: 401 Unauthorized'),
      'image-denied',
    ],
    [
      pull('pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'),
      'image-denied',
    ],
    [pull('unexpected status from HEAD request to https://registry.example/v2/web/manifests/1.0.0: 403 Forbidden'), 'image-denied'],
    [pull('unexpected status from HEAD request to https://registry.example/v2/web/manifests/1.0.0: 429 Too Many Requests'), 'registry-rate-limit'],
    ['toomanyrequests: You have reached your pull rate limit.', 'registry-rate-limit'],
    [
      pull('failed to do request: Head "https://registry.example/v2/web/manifests/1.0.0": dial tcp 10.0.0.1:443: connect: connection refused'),
      'registry-unreachable',
    ],
    [
      pull('failed to do request: Head "https://registry.example/v2/": dial tcp: lookup registry.example on 10.255.255.53:53: no such host'),
      'registry-unreachable',
    ],
    [pull('failed to do request: Head "https://registry.example/v2/": x509: certificate signed by unknown authority'), 'registry-unreachable'],
    [pull('unexpected status from HEAD request to https://registry.example/v2/web/manifests/1.0.0: 503 Service Unavailable'), 'registry-unreachable'],
    ['rpc error: code = Canceled desc = context canceled', 'pull-failed'],
  ])('%s', (message, code) => expect(pullReason(message, 'registry.example/web:1.0.0')).toBe(code));

  // Names may hold any word; only what is said about them counts.
  test.each(['denied.example/not-found:429', 'registry.example/unauthorized/timeout:1'])('the name %s says nothing', (image) => {
    expect(pullReason(pull('unexpected end of it', image), image)).toBe('pull-failed');
    expect(pullReason(pull(`${image}: not found`, image), image)).toBe('image-not-found');
  });
});

describe('why pods are refused', () => {
  test.each([
    ['pods "web-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2', 'quota-exceeded'],
    ['pods "web-1" is forbidden: failed quota: small: must specify limits.cpu for: web', 'quota-exceeded'],
    ['admission webhook "images.example.com" denied the request: only images of our registry', 'admission-refused'],
    [
      'Internal error occurred: failed calling webhook "images.example.com": failed to call webhook: Post "https://hook.x.svc:443/?timeout=2s": dial tcp 10.0.0.1:443: connect: connection refused',
      'webhook-unreachable',
    ],
    ['pods "web-1" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 'admission-refused'],
    ['pods "web-1" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found', 'service-account-missing'],
  ])('%s', (message, code) => expect(refusalOf(message).code).toBe(code));
});

describe('why no node takes a pod', () => {
  test.each([
    [
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
      'unschedulable-resources',
    ],
    ['0/3 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 2 Insufficient memory. preemption: not eligible', 'unschedulable-resources'],
    ["0/3 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 2 node(s) didn't match Pod's node affinity/selector.", 'unschedulable-affinity'],
    ['0/2 nodes are available: 2 node(s) had untolerated taint {gpu: yes}.', 'unschedulable-taint'],
    ['0/2 nodes are available: 2 node(s) were unschedulable.', 'unschedulable-cordon'],
    ['0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.', 'node-not-ready'],
    ["0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.", 'unschedulable-affinity'],
    ["0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.", 'unschedulable-affinity'],
    ['0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'unschedulable-volume'],
    ['something new', 'unschedulable'],
  ])('%s', (message, code) => expect(placementOf(message)[0]).toBe(code));
});

test('of a pod that asks for labels which some node has, the others are not what keeps it out', () => {
  const message = "0/3 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 2 node(s) didn't match Pod's node affinity/selector.";
  expect(placementOf(message, 1)[0]).toBe('unschedulable-taint');
  const newer =
    "0/4 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s).";
  expect(placementOf(newer, 1)[0]).toBe('unschedulable-taint');
});

test.each([
  ['secret "creds" not found', 'secret-missing', 'there is no Secret creds'],
  ['configmap "settings" not found', 'configmap-missing', 'there is no ConfigMap settings'],
  ["couldn't find key key in Secret shop/creds", 'key-missing', 'Secret creds has no key key'],
  ["couldn't find key url in ConfigMap shop/settings", 'key-missing', 'ConfigMap settings has no key url'],
  [
    'MountVolume.SetUp failed for volume "c" : configmap references non-existent config key: app.json',
    'key-missing',
    'a mounted ConfigMap has no key app.json',
  ],
  ['MountVolume.SetUp failed for volume "c" : secret "tls" not found', 'secret-missing', 'there is no Secret tls'],
  ['container has runAsNonRoot and image will run as root', undefined, undefined],
])('what is missing: %s', (message, code, what) => {
  expect(missingOf(message)?.code).toBe(code);
  expect(missingOf(message)?.what).toBe(what);
});

test.each([
  ['Error: getaddrinfo ENOTFOUND mongodb', 'dns'],
  ['Error: connect ECONNREFUSED 10.0.0.9:27017', 'tcp'],
  ['FATAL: password authentication failed for user "shop"', 'auth'],
  ['MongoServerError: Authentication failed.', 'auth'],
  ['MongoServerSelectionError: getaddrinfo EAI_AGAIN mongodb', 'dns'],
  ['listening on 8080', undefined],
])('what a line tells of a dependency: %s', (line, trouble) => expect(troubleOf(line)).toBe(trouble));
