import type { KubeObject } from '../objects.js';
import { apiVersionOf } from '../resources.js';
import { StatusError } from '../status-error.js';
import { partialOf, tableOf } from '../tables/table.js';
import { bodyOf, itemTextOf, textOf, type WholeBody } from './answer.js';
import type { Call } from './call.js';
import type { Incoming } from './incoming.js';

/** How a client wants what it reads: whole, as a table, or the metadata alone. */
type Form = 'metadata' | 'object' | 'table';

interface Accepted {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const partsOf = (clause: string): Accepted => {
  const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
  return { type: type.toLowerCase(), parameters: new Map(rest.map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? ''])) };
};

/** The clauses of `Accept` that this server can answer, best first: JSON is all it speaks. */
export const acceptedOf = (request: Incoming): readonly Accepted[] =>
  (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map(partsOf)
    .filter(({ type }) => ['application/json', 'application/*', '*/*'].includes(type));

const SPOKEN = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** @throws StatusError 406 where the client takes nothing that this server can write */
function formOf({ request, name }: Call): Form {
  const accepted = acceptedOf(request);
  const spoken = name === undefined ? `${SPOKEN}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch` : SPOKEN;
  if (accepted.length === 0) throw new StatusError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${spoken}`, {});
  for (const { parameters } of accepted) {
    const as = parameters.get('as');
    if (as === undefined) return 'object';
    if (parameters.get('g') !== 'meta.k8s.io') continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
  }
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${SPOKEN}`);
}

/** Writes objects as the client of a call wants them. */
export interface Writer {
  one(object: KubeObject): WholeBody;
  /** In a watch. `headed`: with what tells of the columns. */
  line(object: KubeObject, headed: boolean): string;
  list(objects: readonly KubeObject[], metadata: object): WholeBody;
}

/** @param now for the ages in tables */
export function writerFor(call: Call, now: () => Date): Writer {
  const { info, query } = call;
  const form = formOf(call);
  if (form === 'object') {
    return {
      one: bodyOf,
      line: textOf,
      list(objects, metadata) {
        const head = { kind: `${info.kind}List`, apiVersion: apiVersionOf(info), metadata };
        return {
          kind: 'json',
          value: { ...head, items: objects },
          text: () => `${JSON.stringify(head).slice(0, -1)},"items":[${objects.map(itemTextOf).join(',')}]}`,
        };
      },
    };
  }
  if (form === 'metadata') {
    return {
      one: (object) => JSON.stringify(partialOf(object)),
      line: (object) => JSON.stringify(partialOf(object)),
      list: (objects, metadata) =>
        JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map((object) => partialOf(object)) }),
    };
  }
  const asked = query.get('includeObject');
  const include = asked === 'None' || asked === 'Object' ? asked : 'Metadata';
  const line = (object: KubeObject, headed: boolean): string =>
    JSON.stringify(tableOf(info, [object], { include, now: now(), headed, metadata: { resourceVersion: object.metadata.resourceVersion } }));
  return {
    one: (object) => line(object, true),
    line,
    list: (objects, metadata) => JSON.stringify(tableOf(info, objects, { include, now: now(), headed: true, metadata })),
  };
}
