import { expect, test } from 'vitest';
import { decodeProtobuf } from './decode-protobuf.js';
import { ProtobufError } from './reader.js';

/** What `kubectl create deployment web --image=web:1 --replicas=0 --port=5000` sends, written out by hand: number and kind of the field, length, bytes. */
const text = (number: number, value: string): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), Buffer.from(value)]);
const message = (number: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  expect(body.length).toBeLessThan(128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body]);
};
const integer = (number: number, value: number): Buffer => Buffer.from([number << 3, value]);
const framed = (apiVersion: string, kind: string, ...parts: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), message(1, text(1, apiVersion), text(2, kind)), message(2, ...parts)]);

test('a Deployment: zeros that were said stay, zeros that were not go', () => {
  const container = message(
    2,
    text(1, 'web'),
    text(2, 'web:1'),
    message(6, text(1, ''), integer(2, 0), integer(3, 80)),
    message(7, message(5, message(2, integer(1, 1), text(3, 'http')))),
  );
  const body = framed(
    'apps/v1',
    'Deployment',
    message(1, text(1, 'web'), text(2, '')),
    message(2, integer(1, 0), integer(5, 0), message(3, message(2, container))),
  );
  expect(decodeProtobuf(body)).toMatchObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 0, template: { spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] } } },
  });
  expect(decodeProtobuf(body)['spec']).not.toHaveProperty('minReadySeconds');
  expect(decodeProtobuf(body)['metadata']).toEqual({ name: 'web' });
});

test('maps, bytes, and fields that a newer client knows', () => {
  const entry = (key: string, value: Buffer): Buffer => message(2, text(1, key), Buffer.concat([Buffer.from([(2 << 3) | 2, value.length]), value]));
  const body = framed('v1', 'Secret', message(1, text(1, 's')), entry('a', Buffer.from([0, 255])), entry('b', Buffer.from('x')), integer(15, 7));
  expect(decodeProtobuf(body)).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'AP8=', b: 'eA==' } });
});

test('fields of a message that stands beside its parent, times and quantities', () => {
  const probe = message(10, message(1, message(2, text(1, '/ok'), message(2, integer(1, 0), integer(2, 80)))), integer(4, 3));
  const resources = message(8, message(2, text(1, 'cpu'), message(2, text(1, '500m'))));
  const time = message(8, integer(1, 60), integer(2, 0));
  const body = framed('v1', 'Pod', message(1, text(1, 'p'), time), message(2, message(2, text(1, 'web'), probe, resources)));
  expect(decodeProtobuf(body)).toMatchObject({
    metadata: { creationTimestamp: '1970-01-01T00:01:00Z' },
    spec: { containers: [{ livenessProbe: { httpGet: { path: '/ok', port: 80 }, periodSeconds: 3 }, resources: { requests: { cpu: '500m' } } }] },
  });
});

test.each([
  ['no magic', Buffer.from('{}')],
  ['a length beyond the end', Buffer.from('k8s\0\x12\x7f')],
  ['a number that breaks off', Buffer.from([0x6b, 0x38, 0x73, 0, 0x08, 0x80])],
  ['a kind that is not known', framed('v1', 'Widget')],
])('%s is refused', (_, body) => {
  expect(() => decodeProtobuf(body)).toThrow(ProtobufError);
});
