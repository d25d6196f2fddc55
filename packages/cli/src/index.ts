export type { Config, ConfiguredCheck, Settings } from './config/settings.js';
export { defineConfig } from './config/settings.js';
export type { Connect, Connection } from './connect.js';
export type { Io, Output, StopSignal } from './io.js';
export { processIo } from './io.js';
export type { MainOptions } from './main.js';
export { fail, main } from './main.js';
export type { Report } from './report.js';
