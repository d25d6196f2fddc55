import { oneFile } from '../cli/tsup.bundle.config.js';

/** The file that the runner starts as it stands. */
export default oneFile('action');
