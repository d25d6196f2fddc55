import type { Step } from '@shepherd/core';

/** `cicd.pipeline.task.name` of a step, by what it does. */
const tasks: Readonly<Record<Step['kind'], string>> = {
  apply: 'apply',
  roll: 'apply',
  scale: 'scale',
  resize: 'scale',
  ready: 'wait_ready',
  smoke: 'smoke',
  verify: 'verify',
  shift: 'traffic',
  analyse: 'analyze',
  approve: 'pause',
  wait: 'pause',
  promote: 'promote',
  retire: 'cleanup',
  evict: 'cleanup',
  restore: 'rollback',
  custom: 'custom',
};

export const taskOf = ({ kind }: Step): string => tasks[kind];
