import { freshConnections, keptConnections } from './connections.js';
import { type Answer, checkLoadOptions, type LoadOptions, type LoadReport } from './load-options.js';
import { loadReport } from './load-report.js';
import { preciseNow, sendRequest } from './send-request.js';

/** A load that runs. */
export interface Load {
  /** Requests ended so far. */
  soFar(): { readonly requests: number; readonly failed: number };
  /** Sends nothing more, waits for what is under way, closes the connections. A second call returns the same report. */
  stop(): Promise<LoadReport>;
}

/**
 * Sends requests at a fixed rate and records each one. Open loop: the schedule waits for no answer, and latency and time limit count from when a request
 * was due. Nothing is ever sent again.
 * @throws RangeError for an option that makes no sense
 */
export function openLoop(options: LoadOptions): Load {
  checkLoadOptions(options);
  const { rate, keepAlive = false, timeoutMs = 5_000, slowMs = 500 } = options;
  const url = new URL(options.path ?? '/', options.url);
  const connections = keepAlive ? keptConnections(Math.ceil(options.connections ?? Math.max(1, rate / 5))) : freshConnections();
  const answers: Answer[] = [];
  const underWay = new Set<Promise<void>>();
  const start = preciseNow();
  let failed = 0;
  let sent = 0;
  let clientLateMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let afterReading: NodeJS.Immediate | undefined;
  let report: Promise<LoadReport> | undefined;

  const dueOf = (index: number): number => start + (index * 1_000) / rate;
  const send = (due: number): void => {
    clientLateMs = Math.max(clientLateMs, preciseNow() - due);
    const agent = connections.take();
    const sending: Promise<void> = sendRequest(url, agent, due, timeoutMs).then((answer) => {
      connections.give(agent);
      answers.push(answer);
      if (answer.failure !== undefined) failed += 1;
      underWay.delete(sending);
    });
    underWay.add(sending);
  };
  const tick = (): void => {
    for (; dueOf(sent) <= preciseNow(); sent += 1) send(dueOf(sent));
    // After what came in was read: a client that was late would else send on connections whose end is there already.
    const wait = Math.max(0, dueOf(sent) - preciseNow());
    timer = setTimeout(() => {
      afterReading = setImmediate(tick);
    }, wait);
  };
  tick();

  const finish = async (): Promise<LoadReport> => {
    clearTimeout(timer);
    clearImmediate(afterReading);
    await Promise.all(underWay);
    connections.close();
    return loadReport(answers, { slowMs, clientLateMs });
  };
  return {
    soFar: () => ({ requests: answers.length, failed }),
    stop: () => {
      report ??= finish();
      return report;
    },
  };
}
