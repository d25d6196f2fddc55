import type { CauseCode, Hint } from '../cause.js';
import type { Container, Seen } from '../seen.js';
import { pullReason } from './pull-reason.js';
import { registryText } from './registry-text.js';

const pulling: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']);

interface Words {
  readonly summary: (image: string) => string;
  readonly fix: string;
  readonly next: 'release' | 'check' | 'secret' | 'registry';
}

const words: Readonly<Partial<Record<CauseCode, Words>>> = {
  'image-not-found': { summary: (image) => `the registry has no image ${image}`, fix: 'push the image, or correct its name or tag', next: 'release' },
  'image-denied': {
    summary: (image) => `the registry does not let the cluster pull ${image}`,
    fix: 'give the pods a pull secret that may read this repository; some registries say this of repositories that do not exist, too',
    next: 'secret',
  },
  'registry-rate-limit': {
    summary: (image) => `the registry limits how often ${image} may be pulled`,
    fix: 'wait until the limit is over, pull with an account that may do more, or through a mirror',
    next: 'check',
  },
  'registry-unreachable': {
    summary: (image) => `the registry of ${image} cannot be reached from the node`,
    fix: 'see the registry, and the way to it from the nodes: names, firewall, certificate',
    next: 'registry',
  },
  'pull-failed': { summary: (image) => `${image} cannot be pulled`, fix: 'see what the node says of it', next: 'check' },
  'image-name-invalid': { summary: (image) => `${JSON.stringify(image)} is no name of an image`, fix: 'correct the name of the image', next: 'release' },
  'image-not-on-node': {
    summary: (image) => `${image} is not on the node, and imagePullPolicy Never forbids to pull it`,
    fix: 'load the image onto the nodes, or let it be pulled',
    next: 'check',
  },
};

/** Images that do not come. */
export function imageRule(seen: Seen): readonly Hint[] {
  return seen.containers.flatMap((container) => {
    const found = codeOf(container, seen);
    if (found === undefined) return [];
    const { code, message, isGuess = false } = found;
    const { pod, name, image, reason } = container.data;
    const said = words[code] as Words;
    const commands: Readonly<Record<Words['next'], string>> = {
      release: `shepherd deploy ${seen.name} --image NAME:TAG`,
      check: container.check,
      secret: `shepherd diagnose ${seen.name} registry`,
      registry: `shepherd diagnose ${seen.name} registry`,
    };
    const asked = seen.all('registry').find((each) => each.data.image === image);
    const secrets = seen.all('reference').filter(({ data }) => data.for === 'pull');
    return [
      {
        code,
        object: `Pod ${pod}`,
        summary: `container ${name}: ${said.summary(image)}`,
        evidence: [
          { summary: `Pod ${pod}, container ${name} is ${reason}: ${message}`, check: container.check },
          ...(asked === undefined ? [] : [{ summary: `asked from here without a login: ${registryText(asked)}`, check: asked.check }]),
          ...(code === 'image-denied'
            ? secrets.length === 0
              ? [{ summary: 'the pods name no pull secret', check: container.check }]
              : secrets.map(({ object, data, check }) => ({
                  summary: `${object} is ${data.unread === true ? 'named' : data.missing === undefined ? `there, of type ${data.type ?? 'unknown'}` : 'missing'}`,
                  check,
                }))
            : []),
        ],
        confidence: code === 'pull-failed' ? 'possible' : isGuess ? 'likely' : 'certain',
        fix: said.fix,
        next: commands[said.next],
      } satisfies Hint,
    ];
  });
}

interface Found {
  readonly code: CauseCode;
  readonly message: string;
  /** By what this machine heard, not by what the node says. */
  readonly isGuess?: boolean | undefined;
}

function codeOf({ data }: Container, seen: Seen): Found | undefined {
  const { reason = '', message = '', image, pod } = data;
  if (data.state !== 'waiting') return undefined;
  if (reason === 'InvalidImageName') return { code: 'image-name-invalid', message };
  if (reason === 'ErrImageNeverPull') return { code: 'image-not-on-node', message };
  if (!pulling.has(reason)) return undefined;
  // Older nodes say why in their event alone.
  const noted = seen.notesOf(`Pod ${pod}`, /^Failed: Failed to pull image/).at(-1)?.data.message ?? '';
  const own = pullReason(message, image);
  const said: Found = own === 'pull-failed' && noted !== '' ? { code: pullReason(noted, image), message: noted } : { code: own, message };
  // Where the node does not say why. That a login or an address is refused here says little of the node: it has others.
  const isAbsent = seen.all('registry').some((each) => each.data.image === image && each.data.says === 'not-found');
  return said.code === 'pull-failed' && isAbsent ? { ...said, code: 'image-not-found', isGuess: true } : said;
}
