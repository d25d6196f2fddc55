import { processIo } from '@shepherd/cli';
import { runAction } from './run-action.js';

process.exitCode = await runAction(processIo());
