import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StoredStatus {
  readonly state: string;
  readonly description: string;
  readonly log_url?: string | undefined;
}

export interface StoredDeployment {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly statuses: StoredStatus[];
}

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

/** GitHub's Deployments API for one repository on loopback, with the answers and the limits of the real one. */
export async function startGithub({ token = 'token', commits = ['c1'] }: { readonly token?: string; readonly commits?: readonly string[] } = {}) {
  const deployments: StoredDeployment[] = [];
  const github = { deployments, mode: 'answers' as 'answers' | 'hangs' | 'forbids' | 'fails', asked: 0 };

  const answer = (request: IncomingMessage, path: string, query: URLSearchParams, body: Record<string, unknown>): readonly [number, object] => {
    if (!request.headers['user-agent']) return [403, { message: 'Request forbidden by administrative rules.' }];
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { message: 'Bad credentials' }];
    if (github.mode === 'forbids') return [403, { message: 'Resource not accessible by integration' }];
    if (github.mode === 'fails') return [502, { message: 'Server Error' }];
    const [, , owner, name, what, id, statuses] = path.split('/');
    if (`${owner}/${name}/${what}` !== 'acme/shop/deployments') return [404, { message: 'Not Found' }];
    const invalid = (message: string): readonly [number, object] => [422, { message: `Validation Failed: ${message}` }];
    if (String(body['description'] ?? '').length > 140) return invalid('description is too long (maximum is 140 characters)');
    if (id === undefined && request.method === 'GET')
      return [200, deployments.filter(({ environment }) => environment === query.get('environment')).toReversed().slice(0, Number(query.get('per_page') ?? 30))];
    if (id === undefined) {
      const ref = String(body['ref']);
      if (!commits.includes(ref)) return [422, { message: `No ref found for: ${ref}` }];
      const made = { id: deployments.length + 1, sha: ref, environment: String(body['environment'] ?? 'production'), payload: body['payload'] ?? '', statuses: [] };
      deployments.push(made);
      return [201, made];
    }
    const found = deployments.find((each) => each.id === Number(id));
    if (found === undefined || statuses !== 'statuses') return [404, { message: 'Not Found' }];
    if (!states.includes(String(body['state']))) return invalid('state is not included in the list');
    found.statuses.push({ state: String(body['state']), description: String(body['description']), log_url: String(body['log_url']) });
    return [201, { id: found.statuses.length }];
  };

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    github.asked += 1;
    if (github.mode === 'hangs') return;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://github');
    const text = Buffer.concat(chunks).toString();
    const [status, body] = answer(request, pathname, searchParams, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>));
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(github, {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** `state: description` of each status of each deployment. */
    told: (): readonly (readonly string[])[] => deployments.map(({ statuses }) => statuses.map(({ state }) => state)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
