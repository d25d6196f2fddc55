/** Close looks at an app that change nothing: `import { watchPods } from '@shepherd/core/diagnosis'`. */
export type { NotesOptions } from './notes.js';
export { readNotes } from './notes.js';
export type { PodChange, PodsOptions } from './pods.js';
export { watchPods } from './pods.js';
