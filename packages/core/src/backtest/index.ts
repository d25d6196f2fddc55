/** What a gate would have decided of recorded metrics: to try thresholds on yesterday's releases before tomorrow's. */
export { latencyFor } from '../analysis/latency-for.js';
export { type Backtest, Backtester, type BacktestSetup, backtest } from './backtest.js';
export type { BacktestPoll } from './poll-log.js';
export { readHistory } from './read-history.js';
