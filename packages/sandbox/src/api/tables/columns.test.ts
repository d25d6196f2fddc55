import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { client } from '../api-fixture.js';

/** Each kind's columns as a real API server told them: path, then name, type, format and priority of each. */
const lines = readFileSync(new URL('../__fixtures__/columns-1.34.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test.each(lines)('%s', async (line) => {
  const [path = ''] = line.split(' ', 1);
  const { server } = client();
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', authorization: `Bearer ${server.adminToken}` };
  const { columnDefinitions } = (await (await server.handle(new Request(`http://sandbox/${path}`, { headers }))).json()) as {
    columnDefinitions: { name: string; type: string; format: string; priority: number }[];
  };
  const told = columnDefinitions.map(({ name, type, format, priority }) => [name, type, format, priority].join(':')).join(' | ');
  expect(`${path} ${told}`).toBe(line);
});
