import { parseArgs } from 'node:util';
import { whyNoCluster } from './lab/index.js';
import { printTraffic } from './print-traffic.js';
import { traffic } from './traffic.js';

const usage = 'usage: npm run bench -- traffic [--json] [--only STRATEGY/RELEASE]';

function complain(message: string): never {
  console.error(message);
  process.exit(2);
}

const { positionals, values } = (() => {
  try {
    return parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
  } catch (error) {
    return complain(`${(error as Error).message}\n${usage}`);
  }
})();
if (positionals.length !== 1 || positionals[0] !== 'traffic') complain(`unknown bench: ${positionals.join(' ') || '(none)'}\n${usage}`);
const why = whyNoCluster();
if (why !== undefined) complain(`bench traffic: ${why}`);

try {
  const result = await traffic({ only: values.only, log: (line) => console.error(line) });
  console.log(values.json ? JSON.stringify(result) : printTraffic(result));
} catch (error) {
  if (error instanceof RangeError) complain(error.message);
  throw error;
}
