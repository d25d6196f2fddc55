import { expect, test } from 'vitest';
import { connectionOf, lineAtTheEnd } from './left-behind.js';

const id = 'eu_shop_web_01KDVDNA00';
const state = (line: readonly string[], more: Readonly<Record<string, string>> = {}) => ({ STATE_line: JSON.stringify(line), STATE_rollout: id, ...more });
const because = ['--reason=its job was cancelled', '--output=github'];

test.each<[string, Readonly<Record<string, string>>, readonly string[] | undefined]>([
  ['a release goes back', state(['deploy', '--namespace=shop']), ['abort', id, '--namespace=shop', ...because]],
  ['a way back goes on', state(['rollback', '--namespace=shop']), ['resume', id, '--namespace=shop', ...because]],
  ['so does one that was resumed', state(['resume']), ['resume', id, ...because]],
  ['one that was being taken back is', state(['abort']), ['abort', id, ...because]],
  ['what ended is left alone', state(['deploy'], { STATE_over: 'succeeded' }), undefined],
  ['what waits for a person is left alone', state(['deploy'], { STATE_over: 'paused' }), undefined],
  ['nothing was begun', { STATE_line: '["deploy"]' }, undefined],
  ['not even that', {}, undefined],
])('at the end of a job: %s', (_, env, line) => {
  expect(lineAtTheEnd(env)).toEqual(line);
});

test('of a line stays what says where the cluster is, however it is written', () => {
  const line = ['deploy', '--app=web', '--namespace=shop', '--image=r/web:1', '--context', 'eu', '-c', 'a.json', '--kubeconfig=/k', '--stages', '50,100', '-n'];
  expect(connectionOf(line)).toEqual(['--namespace=shop', '--context', 'eu', '-c', 'a.json', '--kubeconfig=/k']);
});
