import type { CauseCode, CheckableEvidence, Hint } from '../cause.js';
import type { Container, Seen } from '../seen.js';
import { keepsEnding, logOf } from './crashes.js';

type Trouble = 'dns' | 'tcp' | 'auth';
const codes: Readonly<Record<Trouble, CauseCode>> = { dns: 'dependency-dns', tcp: 'dependency-tcp', auth: 'dependency-auth' };
const fixes: Readonly<Record<Trouble, string>> = {
  dns: 'correct the name, or bring the Service behind it back',
  tcp: 'bring it up again; see its own pods and log',
  auth: 'give the app the right credentials, or have them accepted',
};

/** What drivers of databases, caches and queues say when they cannot work. */
const patterns: readonly (readonly [Trouble, RegExp])[] = [
  ['dns', /ENOTFOUND|EAI_AGAIN|getaddrinfo|no such host|could not translate host name|Name or service not known|name resolution/i],
  [
    'auth',
    /password authentication failed|authentication failed|AuthenticationFailed|Access denied for user|WRONGPASS|NOAUTH|bad auth|SASL.*fail|invalid (?:username|password|credentials)/i,
  ],
  [
    'tcp',
    /ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|connection refused|could not connect to server|MongoServerSelectionError|MongoNetworkError|server selection (?:error|timeout)/i,
  ],
];

/** Words of a log line that name a dependency in trouble. Pure. */
export const troubleOf = (line: string): Trouble | undefined => patterns.find(([, pattern]) => pattern.test(line))?.[0];

/** What the app needs and does not get: by the declared checks, else by what the log of a sick app says. */
export function dependencyRule(seen: Seen): readonly Hint[] {
  const declared = seen.all('dependency').flatMap(({ object, data, check }): readonly Hint[] => {
    const trouble = (['dns', 'tcp', 'auth'] as const).find((each) => data[each] === 'failed');
    if (trouble === undefined) return [];
    const said = data.said === undefined ? '' : `: ${data.said}`;
    const what = { dns: 'its name is not known', tcp: 'nobody answers there', auth: 'it does not let the app in' }[trouble];
    return [
      {
        code: codes[trouble],
        object,
        summary: `${data.name} (${data.address}) is down for the app: ${what}`,
        evidence: [
          { summary: `${data.name} at ${data.address}, asked from ${data.from}: name ${data.dns}, port ${data.tcp}, login ${data.auth}${said}`, check },
          ...sayings(seen, trouble).slice(0, 2),
        ],
        confidence: 'certain',
        fix: fixes[trouble],
        next: check,
      },
    ];
  });
  if (declared.length > 0) return declared;
  return seen.containers.flatMap((container): readonly Hint[] => {
    if (container.data.ready) return [];
    const line = telling(seen, container);
    const trouble = line === undefined ? undefined : troubleOf(line);
    if (line === undefined || trouble === undefined) return [];
    const { pod, name } = container.data;
    const log = logOf(seen, container).evidence[0] as CheckableEvidence;
    return [
      {
        code: codes[trouble],
        object: `Pod ${pod}`,
        summary: `container ${name} does not get what it needs: ${line.trim()}`,
        evidence: [log],
        confidence: 'likely',
        fix: fixes[trouble],
        next: `shepherd diagnose ${seen.name} database --dependency NAME=HOST:PORT`,
      },
    ];
  });
}

/** The line nearest to the end that tells. Of an app that runs it must be about the last thing it said, of one that ended its last words. */
function telling(seen: Seen, container: Container): string | undefined {
  const { lines } = logOf(seen, container);
  const last = keepsEnding(container) ? lines.slice(-10) : lines.slice(-5);
  return last.findLast((line) => troubleOf(line) !== undefined);
}

function sayings(seen: Seen, trouble: Trouble): readonly CheckableEvidence[] {
  return seen.all('log').flatMap(({ data, check }) => {
    const line = data.lines.findLast((each) => troubleOf(each) === trouble);
    return line === undefined ? [] : [{ summary: `Pod ${data.pod} says: ${line.trim()}`, check }];
  });
}
