import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Runs kubectl against KUBECONFIG; resolves with its output, rejects with what it said. */
export async function kubectl(args: readonly string[], { input = '' }: { readonly input?: string } = {}): Promise<string> {
  const child = spawn('kubectl', [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed [code=${code}]: ${complaint.trim()}`);
  return output;
}

/** An HTTP address of this cluster's API on loopback, with the kubeconfig's rights; lives until `child` is ended. */
export async function kubectlProxy(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn('kubectl', ['proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) {
      child.stdout.resume();
      return { url: `http://127.0.0.1:${port}`, child };
    }
  }
  throw new Error('kubectl proxy ended before it served');
}
