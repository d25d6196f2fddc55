import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '../lab/index.js';
import { stages } from './stages.js';

export interface FakeNode {
  readonly name: string;
  /** Puts a pod there and nowhere else. `stranger`: it does not tolerate the taint that keeps others away. */
  place(stranger?: 'stranger'): { readonly nodeSelector: object; readonly tolerations?: readonly object[] };
}

export interface FakeNodes extends AsyncDisposable {
  readonly lost: FakeNode;
  readonly tainted: FakeNode;
  readonly cordoned: FakeNode;
  /** The machine `lost` loses its power: nobody sends its heartbeats any more. */
  lose(): Promise<void>;
}

const key = 'bench.shepherd.dev/node';

function nodeOf(name: string): FakeNode {
  const toleration = { key, operator: 'Exists', effect: 'NoSchedule' };
  return { name, place: (stranger) => ({ nodeSelector: { [key]: name }, ...(stranger === undefined ? { tolerations: [toleration] } : {}) }) };
}

/** Runs kwok for the nodes of one label; ends it. */
function startKwok(label: string, config: string): () => Promise<void> {
  const args = [
    `--config=${config}`,
    `--kubeconfig=${process.env['KUBECONFIG']}`,
    `--manage-nodes-with-label-selector=${label}`,
    '--cidr=10.247.0.0/16',
    '--node-ip=10.247.0.1',
    '--node-lease-duration-seconds=40',
  ];
  const child = spawn('kwok', args, { stdio: 'ignore' });
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

/** Three machines that kwok plays: none of them takes a pod of anybody else. */
export async function fakeNodes(): Promise<FakeNodes> {
  const run = Math.random().toString(36).slice(2, 8);
  const nodes = { lost: nodeOf(`bench-lost-${run}`), tainted: nodeOf(`bench-tainted-${run}`), cordoned: nodeOf(`bench-cordoned-${run}`) };
  const group = (node: FakeNode): string => (node === nodes.lost ? `lost-${run}` : `stay-${run}`);
  const size = { cpu: '8', memory: '16Gi', pods: '50' };
  const items = Object.values(nodes).map((node) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: { [key]: node.name, 'bench.shepherd.dev/run': group(node), type: 'kwok' },
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
    },
    spec: { taints: [{ key, value: 'own', effect: 'NoSchedule' }], ...(node === nodes.cordoned ? { unschedulable: true } : {}) },
    status: { allocatable: size, capacity: size },
  }));
  const folder = await mkdtemp(join(tmpdir(), 'bench-kwok-'));
  const config = join(folder, 'stages.yaml');
  await writeFile(config, stages());
  const stops = [`lost-${run}`, `stay-${run}`].map((each) => startKwok(`bench.shepherd.dev/run=${each}`, config));
  const names = Object.values(nodes).map(({ name }) => name);
  const dispose = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
    await kubectl(['delete', 'node', ...names, '--ignore-not-found', '--wait=false']);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    await kubectl(['wait', '--for=condition=Ready', 'node', ...names, '--timeout=60s']);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ...nodes, lose: async () => stops[0]?.(), [Symbol.asyncDispose]: dispose };
}
