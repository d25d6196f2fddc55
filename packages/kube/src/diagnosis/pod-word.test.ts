import { expect, test } from 'vitest';
import type { Pod } from '../objects.js';
import { podWord } from './pod-word.js';

const pod = (status: Pod['status'], metadata: object = {}): Pod => ({
  metadata: { name: 'web-1', ...metadata },
  spec: { containers: [] },
  ...(status === undefined ? {} : { status }),
});
const waiting = (reason: string) => ({ name: 'web', state: { waiting: { reason } } });
const ended = (exitCode: number, reason: string) => ({ name: 'init', state: { terminated: { exitCode, reason } } });

test.each<[string, Pod]>([
  ['Terminating', pod({ phase: 'Running' }, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
  ['Running', pod({ phase: 'Running', containerStatuses: [{ name: 'web', state: { running: {} } }] })],
  ['Pending', pod({ phase: 'Pending' })],
  ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] })],
  ['OOMKilled', pod({ phase: 'Running', containerStatuses: [{ name: 'web', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] })],
  ['ImagePullBackOff', pod({ phase: 'Pending', containerStatuses: [{ name: 'log', state: { running: {} } }, waiting('ImagePullBackOff')] })],
  ['Init:1/2', pod({ phase: 'Pending', initContainerStatuses: [ended(0, 'Completed'), { name: 'two', state: { running: {} } }] })],
  ['Init:Error', pod({ phase: 'Pending', initContainerStatuses: [ended(1, 'Error')], containerStatuses: [waiting('PodInitializing')] })],
  ['Unknown', pod(undefined)],
])('%s', (word, of) => expect(podWord(of)).toBe(word));
