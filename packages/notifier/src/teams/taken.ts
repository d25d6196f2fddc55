import type { Reply } from '../http/exchange.js';

const connector = /(?:^|\.)(?:webhook\.office\.com|outlook\.office(?:365)?\.com)$/;

/** A Workflow by any 2xx. The connectors before them answer 200 also where they failed, and say `1` where they did not. */
export const isTaken = (url: string, { body }: Pick<Reply, 'body'>): boolean =>
  !URL.canParse(url) || !connector.test(new URL(url).hostname) || body.trim() === '1';
