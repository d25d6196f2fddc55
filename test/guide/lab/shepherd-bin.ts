import { systemClock } from '@shepherd/core';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { ScaledClock } from '@shepherd/sandbox';
import { processIo } from '../../../packages/cli/src/io.js';
import { main } from '../../../packages/cli/src/main.js';

// The command line as it is, in the time of a sandbox that runs faster. Its lease does not: a machine that is busy must not lose its lock.
const speed = Number(process.env['SANDBOX_SPEED']);
process.exitCode = await main(process.argv.slice(2), processIo(), {
  clock: new ScaledClock(systemClock, { speed }),
  connect: async (connection) => helm(kubernetes({ ...connection, leaseMs: 15_000 * speed })),
});
