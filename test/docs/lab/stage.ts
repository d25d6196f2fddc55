import { readdirSync } from 'node:fs';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { FakeIo } from '../../../packages/cli/src/__fixtures__/fake-io.js';
import { main } from '../../../packages/cli/src/main.js';
import { wordsOf } from './words.js';

export interface Told {
  readonly code: number;
  readonly out: string;
}

/** A cluster in this process with `shop/web` on four pods, and a shell that knows `shepherd` and `echo $?`. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Plays one line. @throws for one that is neither */
  type(line: string): Promise<Told>;
  /** Virtual time passes. */
  pass(ms: number): Promise<void>;
  /** Sends an object to the API, as a person with kubectl does. */
  send(path: string, method: 'POST' | 'PATCH' | 'DELETE', body?: object): Promise<void>;
}

/** The images of every scene; what runs first is `1.2.0`. */
const images = {
  '1.2.0': {},
  '1.3.0': {},
  '1.3.0-crash': { crash: { exitCode: 1, log: 'fatal: no DATABASE_URL' } },
  '1.3.0-sick': { health: 503 },
  '1.3.0-typo': { pull: 'not-found' },
} as const;

const commands = new URL('../../../packages/cli/src/commands/', import.meta.url);

/** What is loaded at first use takes real time, in which virtual time would jump past every deadline: once for all. */
export async function loadEverything(): Promise<void> {
  for (const name of readdirSync(commands)) if (name.endsWith('.ts') && !name.includes('.test')) await import(new URL(name, commands).href);
  await import('@shepherd/core/diagnosis');
  await import('@shepherd/core/incidents');
  await import('@shepherd/core/remedies');
}

export async function openStage(): Promise<Stage> {
  const sandbox = await createSandbox();
  for (const [tag, behaviour] of Object.entries(images)) sandbox.image(`registry/web:${tag}`, behaviour);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 4 });
  const { clock, kubeconfig, transport } = sandbox.connection;
  const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const connect = async (connection: object) => helm(kubernetes({ ...connection, ...sandbox.connection }));
  let last = 0;
  const stage: Stage = {
    sandbox,
    async type(line) {
      if (line === 'echo $?') return { code: 0, out: `${last}\n` };
      const [program = '', ...argv] = wordsOf(line);
      if (program !== 'shepherd') throw new Error(`nobody plays ${program}: ${line}`);
      const io = new FakeIo({ env: { USER: 'ann' } });
      last = await main(argv, io, { connect, clock });
      return { code: last, out: io.out + io.err };
    },
    pass: (ms) => clock.sleep(ms),
    async send(path, method, body) {
      const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
      const headers = { 'content-type': type, authorization: `Bearer ${token}` };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await transport(new Request(`http://sandbox.invalid${path}`, init));
      if (!response.ok) throw new Error(await response.text());
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
  return stage;
}
