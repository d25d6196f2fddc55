import type { CheckableEvidence, SomeEvidence } from '../cause.js';
import type { Container, Seen } from '../seen.js';

/** What a failing probe means: it asks for the wrong thing, or the app is sick. */
export interface ProbeVerdict {
  readonly kind: 'misconfigured' | 'sick';
  readonly probe: 'readiness' | 'liveness' | 'startup';
  readonly says: string;
  readonly sure: boolean;
  readonly evidence: SomeEvidence;
}

type Probe = 'Readiness' | 'Liveness' | 'Startup';

const refused = /connection refused|connect: refused/i;
/** What a probe gets that asks an app for what it does not have, or may not. */
const wrongStatus: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410, 415]);

/** What was noted last of a probe of this container that fails. */
export function probeVerdict(seen: Seen, container: Container, ...probes: readonly Probe[]): ProbeVerdict | undefined {
  const { pod } = container.data;
  const note = seen.notesOf(`Pod ${pod}`, new RegExp(`^Unhealthy: (?:${probes.join('|')}) probe (?:failed|errored)`)).at(-1);
  if (note === undefined) return probes.includes('Readiness') ? answerVerdict(seen, container) : undefined;
  const [, name = 'Readiness', said = ''] = /^(Readiness|Liveness|Startup) probe (?:failed|errored)[^:]*:\s*([\s\S]*)$/.exec(note.data.message) ?? [];
  const probe = name.toLowerCase() as ProbeVerdict['probe'];
  const asked = (probe === 'readiness' ? container.data.probe : container.data.liveness) ?? container.data.probe ?? '';
  const times = note.data.count > 1 ? `, ${note.data.count} times` : '';
  const noted: CheckableEvidence = { summary: `Pod ${pod}: ${note.data.message.trim()}${times}`, check: note.check };
  const status = Number(/statuscode: (\d+)/.exec(said)?.[1] ?? Number.NaN);
  const base = { probe, evidence: [noted] as const };
  const what = `its ${probe} probe${asked === '' ? '' : ` ${asked}`}`;
  if (!Number.isNaN(status)) return statusVerdict(status, base, what);
  if (/gave HTTP response to HTTPS|malformed HTTP|x509|tls:|couldn't find port|strconv/i.test(said))
    return { ...base, kind: 'misconfigured', says: `${what} cannot be asked so: ${said.trim()}`, sure: true };
  if (refused.test(said)) return refusedVerdict(seen, container, base, what);
  if (/timeout|deadline exceeded|timed out/i.test(said)) return { ...base, kind: 'sick', says: `${what} gets no answer in time`, sure: false };
  if (said.trim() !== '') return { ...base, kind: 'sick', says: `${what} fails: ${said.trim()}`, sure: false };
  return { ...base, kind: 'sick', says: `${what} fails`, sure: false };
}

function statusVerdict(status: number, base: Pick<ProbeVerdict, 'probe' | 'evidence'>, what: string): ProbeVerdict {
  if (wrongStatus.has(status)) return { ...base, kind: 'misconfigured', says: `${what} gets ${status}: the app has no such page for it`, sure: status === 404 };
  return { ...base, kind: 'sick', says: `${what} gets ${status}: the app says that it is not well`, sure: true };
}

/** Where nothing was noted, or may be read: what was heard when the same was asked. */
function answerVerdict(seen: Seen, container: Container): ProbeVerdict | undefined {
  const { pod, probe = '' } = container.data;
  const answer = seen.all('answer').find(({ data }) => data.pod === pod && data.role === 'probe');
  if (answer === undefined || (answer.data.open && answer.data.status < 400)) return undefined;
  const { status, port, path, open, said = '' } = answer.data;
  const heard = open ? (status === 0 ? said : `${status}`) : 'connection refused';
  const base = { probe: 'readiness', evidence: [{ summary: `Pod ${pod} was asked for ${path} on port ${port}: ${heard}`, check: answer.check }] } as const;
  const what = `its readiness probe ${probe}`;
  if (!open) return refusedVerdict(seen, container, base, what);
  return status === 0 ? undefined : statusVerdict(status, base, what);
}

/** Nothing listens where the probe asks. Where the app listens elsewhere the probe is wrong; else the app is. */
function refusedVerdict(seen: Seen, container: Container, base: Pick<ProbeVerdict, 'probe' | 'evidence'>, what: string): ProbeVerdict {
  const { pod, probePort, ports } = container.data;
  const answers = seen.all('answer').filter(({ data }) => data.pod === pod);
  const elsewhere = answers.find(({ data }) => data.open && data.port !== probePort);
  if (elsewhere !== undefined) {
    const { port } = elsewhere.data;
    const heard = elsewhere.data.status === 0 ? 'something listens there' : `it answers ${elsewhere.data.status}`;
    const evidence: SomeEvidence = [...base.evidence, { summary: `Pod ${pod} was asked on port ${port}: ${heard}`, check: elsewhere.check }];
    return { ...base, evidence, kind: 'misconfigured', says: `${what} asks a port that is closed, the app listens on ${port}`, sure: true };
  }
  if (probePort !== undefined && ports.length > 0 && !ports.includes(probePort))
    return { ...base, kind: 'misconfigured', says: `${what} asks port ${probePort}, the container names ${ports.join(', ')}`, sure: false };
  return { ...base, kind: 'sick', says: `${what} finds nobody listening`, sure: false };
}
