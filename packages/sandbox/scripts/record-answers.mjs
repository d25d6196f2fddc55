// Asks a real API server again what the fixture asked, and stores its answers: the sandbox is compared with them (src/api/recorded.test.ts).
//   kubectl proxy --port 8001 &  node packages/sandbox/scripts/record-answers.mjs http://127.0.0.1:8001
// Needs a namespace `answers` that does not exist. To ask more, add requests to the fixture first.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../src/api/__fixtures__/answers-1.34.json', import.meta.url);
const [, , server] = process.argv;
const exchanges = JSON.parse(readFileSync(file, 'utf8'));
for (const exchange of exchanges) {
  const { method, path, type, body } = exchange;
  const headers = { 'user-agent': 'probe/1', ...(body !== undefined && { 'content-type': `application/${type}` }) };
  const answer = await fetch(server + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  exchange.status = answer.status;
  exchange.warning = answer.headers.get('warning');
  exchange.json = await answer.json();
  // Controllers need a moment to make what every namespace has.
  if (path === '/api/v1/namespaces') await new Promise((resolve) => setTimeout(resolve, 1500));
}
writeFileSync(file, `[\n${exchanges.map((exchange) => JSON.stringify(exchange)).join(',\n')}\n]\n`);
