import { defineConfig } from 'vitest/config';
import projects from './vitest.workspace.js';

// Every core works: vitest would leave one to itself, and half of a small machine idle.
export default defineConfig({ test: { projects, maxWorkers: '100%' } });
