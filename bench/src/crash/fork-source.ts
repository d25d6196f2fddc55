import { type ChildProcess, fork } from 'node:child_process';

/** A module of these sources as a process of its own; on sources of the packages too where this process is. */
export const forkSource = (module: URL): ChildProcess =>
  fork(module, {
    execArgv: [...process.execArgv.filter((arg) => arg.startsWith('--conditions')), '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  });
