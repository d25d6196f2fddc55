import type { CauseCode } from '../cause.js';

type PullCode = Extract<CauseCode, 'image-not-found' | 'image-denied' | 'registry-rate-limit' | 'registry-unreachable' | 'pull-failed'>;

/** First match wins: what passes by itself before what is wrong, and what a refusal says before what it is about. */
const patterns: readonly (readonly [PullCode, RegExp])[] = [
  ['registry-rate-limit', /\b429\b|too ?many ?requests|rate limit/i],
  [
    'image-denied',
    /\b40[13] (?:unauthorized|forbidden)|\bunauthorized\b|\bdenied\b|insufficient_scope|authorization (?:failed|required)|no basic auth credentials/i,
  ],
  [
    'registry-unreachable',
    /dial (?:tcp|udp)|no such host|lookup \S+ on|connection (?:refused|reset)|i\/o timeout|timed? ?out|deadline exceeded|network is unreachable|no route to host|\bEOF\b|x509|tls:|gave HTTP response|\b5\d\d (?:\w+ )*(?:error|unavailable|gateway|timeout)/i,
  ],
  ['image-not-found', /not found|does not exist|manifest unknown|name unknown|\b404\b/i],
];

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Why a pull failed, by the words of container runtimes. Names in the message may hold any word and do not count. Pure. */
export function pullReason(message: string, image: string): PullCode {
  const bare = image.replace(/@.*$|:[^:/]*$/, '');
  const words = [image, bare].filter((name) => name !== '').reduce((text, name) => text.replaceAll(new RegExp(escaped(name), 'g'), 'IMAGE'), message);
  const said = words.replaceAll(/"[^"]*"/g, '""');
  return patterns.find(([, pattern]) => pattern.test(said))?.[0] ?? 'pull-failed';
}
