import type { CauseCode, CheckableEvidence, Hint } from '../cause.js';
import type { Seen } from '../seen.js';

interface Missing {
  readonly code: CauseCode;
  readonly what: string;
  readonly fix: string;
}

/** What is not there, by the words of a node. Pure. */
export function missingOf(message: string): Missing | undefined {
  const key = /couldn't find key (\S+) in (ConfigMap|Secret) (?:\S+\/)?([^\s:"]+)/i.exec(message);
  if (key !== null)
    return { code: 'key-missing', what: `${key[2]} ${key[3]} has no key ${key[1]}`, fix: `add the key ${key[1]} to ${key[2]} ${key[3]}, or correct its name` };
  const part = /references non-existent (?:config|secret) key:? (\S+)/i.exec(message);
  if (part !== null)
    return {
      code: 'key-missing',
      what: `a mounted ${/config key/.test(message) ? 'ConfigMap' : 'Secret'} has no key ${part[1]}`,
      fix: `add the key ${part[1]}, or correct its name`,
    };
  const object = /\b(configmap|secret)s? "([^"]+)" not found/i.exec(message);
  if (object === null) return undefined;
  const isSecret = object[1]?.toLowerCase() === 'secret';
  const kind = isSecret ? 'Secret' : 'ConfigMap';
  return {
    code: isSecret ? 'secret-missing' : 'configmap-missing',
    what: `there is no ${kind} ${object[2]}`,
    fix: `make the ${kind} ${object[2]}, or correct the name that the pods ask for`,
  };
}

/** ConfigMaps, Secrets, keys and volumes that pods wait for. */
export function referenceRule(seen: Seen): readonly Hint[] {
  const waiting = seen.containers.flatMap((container) => {
    const { pod, name, state, reason = '', message = '' } = container.data;
    if (state !== 'waiting' || reason !== 'CreateContainerConfigError' || /failed to sync/i.test(message)) return [];
    const missing = missingOf(message);
    const evidence: CheckableEvidence = { summary: `Pod ${pod}, container ${name} is ${reason}: ${message}`, check: container.check };
    return [missing === undefined ? refused(seen, pod, name, message, evidence) : hint(seen, pod, missing, evidence)];
  });
  const mounting = seen.unwell.flatMap(({ object }) => {
    // A node says first that it has not got to know an object yet, and heals by itself.
    const note = seen.notesOf(object, /^Failed(?:Mount|AttachVolume)/).findLast(({ data }) => !/failed to sync/i.test(data.message));
    const starts = seen.containers.some(
      ({ data }) => `Pod ${data.pod}` === object && data.state === 'waiting' && /ContainerCreating|PodInitializing/.test(data.reason ?? ''),
    );
    if (note === undefined || !starts) return [];
    const pod = object.replace(/^Pod /, '');
    const evidence: CheckableEvidence = { summary: `${object}: ${note.data.reason}: ${note.data.message}`, check: note.check };
    const missing = missingOf(note.data.message) ?? {
      code: 'volume-not-mounted' as const,
      what: `a volume cannot be mounted: ${note.data.message}`,
      fix: 'see the volume and its driver',
    };
    return [hint(seen, pod, missing, evidence)];
  });
  return [...waiting, ...mounting];
}

function hint(seen: Seen, pod: string, { code, what, fix }: Missing, evidence: CheckableEvidence): Hint {
  const looked = seen.all('reference').filter(({ data }) => data.missing !== undefined && what.includes(data.name));
  return {
    code,
    object: `Pod ${pod}`,
    summary: what,
    evidence: [evidence, ...looked.map(({ object, data, check }) => ({ summary: `${object} was looked for: its ${data.missing} is not there`, check }))],
    confidence: 'certain',
    fix,
    next: looked[0]?.check ?? evidence.check,
  };
}

const refused = (seen: Seen, pod: string, name: string, message: string, evidence: CheckableEvidence): Hint => ({
  code: 'container-refused',
  object: `Pod ${pod}`,
  summary: `container ${name} may not be started as it is: ${message}`,
  evidence: [evidence],
  confidence: 'certain',
  fix: 'correct what the message names: user, capabilities, paths',
  next: `shepherd rollback ${seen.name}`,
});

/** What is gone although pods still run with it: the next one will not start. */
export function goneRule(seen: Seen): readonly Hint[] {
  return seen.all('reference').flatMap(({ object, data, check }): readonly Hint[] => {
    if (data.missing === undefined || data.optional || data.for === 'pull') return [];
    const isKey = data.missing === 'key';
    return [
      {
        code: isKey ? 'key-missing' : data.kind === 'Secret' ? 'secret-missing' : 'configmap-missing',
        object,
        summary: isKey
          ? `${object} has no key ${data.key}, which the template names: the next pod will not start`
          : `there is no ${object}, which the template names: the next pod will not start`,
        evidence: [{ summary: `${object} was looked for: its ${data.missing} is not there`, check }],
        confidence: 'likely',
        fix: isKey ? `add the key ${data.key}` : `make ${object} again`,
        next: check,
      },
    ];
  });
}
