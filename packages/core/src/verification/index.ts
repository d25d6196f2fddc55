/** Looking at an app that serves: whether it is as it should be, and how it answers compared with the revision before. */
export type { BaselineOptions, Measured } from './baseline.js';
export { baseline } from './baseline.js';
export type { ErrorLines } from './error-lines.js';
export type { Baseline, BaselineComparison, BaselineLimits } from './figures.js';
export { compareBaselines } from './figures.js';
export type { Signs } from './signs.js';
export { signsOf } from './signs.js';
export type { Verification, Verified, VerifyOptions } from './verify.js';
export { verify } from './verify.js';
